"""`python -m supply_chain.images`: the base images with the digests that their registries have now.

Prints a line for `.env` for each image that Dockerfiles and docker-compose.yml name by a tag alone,
and ends with 1 if a registry could not be asked: then it prints no line. It needs Python, and none
of the project's packages.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
FILES = ("Dockerfile", "proxy/Dockerfile", "workspace/Dockerfile", "docker-compose.yml")
# `ARG NAME=image` of a Dockerfile, and `${NAME:-image}` of docker-compose.yml.
DEFAULTS = re.compile(r"^ARG (\w+_IMAGE)=(\S+)$|image: \$\{(\w+_IMAGE):-([^}]+)\}", re.MULTILINE)
# Built here, so no registry has them.
OWN = "takehome-"
DOCKER_HUB = "https://registry-1.docker.io"
# An index first: its digest stands for the image of every processor.
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
TIMEOUT_SECONDS = 30


class RegistryError(Exception):
    """A registry could not be asked, or has no such image; the message is a sentence."""


@dataclass(frozen=True)
class Image:
    """An image by its tag, as a Dockerfile names it."""

    name: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> "Image":
        name, _, tag = text.rpartition(":")
        # The colon may be that of the registry's port.
        return cls(name, tag) if name and "/" not in tag else cls(text, "latest")

    @property
    def registry(self) -> str:
        """The address of its registry, or "" for Docker Hub."""
        host = self.name.partition("/")[0]
        is_host = "/" in self.name and ("." in host or ":" in host or host == "localhost")
        return f"https://{host}" if is_host else ""

    @property
    def repository(self) -> str:
        """Its name there."""
        if self.registry:
            return self.name.partition("/")[2]
        return self.name if "/" in self.name else f"library/{self.name}"


def named_images(root: Path = ROOT) -> dict[str, str]:
    """The images that the files name, by the variable that replaces each."""
    found = {}
    for file in FILES:
        for match in DEFAULTS.finditer((root / file).read_text()):
            variable, image = match[1] or match[3], match[2] or match[4]
            if not image.startswith(OWN):
                found[variable] = image
    return found


def digest_of(image: Image, docker_hub: str = DOCKER_HUB) -> str:
    """The digest of the image's index, or of its manifest if it is for one processor.

    Raises:
        RegistryError: if the registry could not be asked, or does not have it.
    """
    registry = image.registry or docker_hub
    url = f"{registry}/v2/{image.repository}/manifests/{image.tag}"
    try:
        status, headers = _head(url)
        if status == 401:
            token = _token(headers.get("WWW-Authenticate", ""))
            status, headers = _head(url, {"Authorization": f"Bearer {token}"})
    except (OSError, ValueError, KeyError) as error:
        raise RegistryError(f"{registry} could not be asked for {image.name}: {error}.") from error
    digest = headers.get("Docker-Content-Digest", "")
    if status != 200 or not DIGEST.fullmatch(digest):
        raise RegistryError(f"{registry} has no {image.name}:{image.tag} for you (HTTP {status}).")
    return digest


def _head(url: str, more: Mapping[str, str] | None = None) -> tuple[int, Message]:
    request = urllib.request.Request(  # noqa: S310 - the addresses are those of registries
        url, method="HEAD", headers={"Accept": MANIFESTS, **(more or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def _token(challenge: str) -> str:
    """A token for everybody, from where the registry says."""
    values = dict(CHALLENGE.findall(challenge))
    realm = values.pop("realm")
    if not realm.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError(f"it gives tokens at {realm}")
    url = f"{realm}?{urlencode(values)}"
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        found = json.loads(answer.read())
    return str(found.get("token") or found["access_token"])


def main(docker_hub: str = DOCKER_HUB, root: Path = ROOT) -> int:
    lines = []
    for variable, text in named_images(root).items():
        if "@" in text:
            continue
        image = Image.parse(text)
        try:
            digest = digest_of(image, docker_hub)
        except RegistryError as error:
            print(error, file=sys.stderr)
            return 1
        lines.append(f"{variable}={image.name}:{image.tag}@{digest}")
    # First an empty line: the file that they are added to may not end with one.
    print("\n".join(["", *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

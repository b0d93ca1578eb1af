"""The name and the image of a service, as Swarm takes them."""

import hashlib
import re

from docker import DockerClient
from docker.errors import ImageNotFound

MAX_NAME = 63
PLAIN_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def service_name(text: str) -> str:
    """Return a name that Swarm accepts for each text, another one for each."""
    if len(text) <= MAX_NAME and PLAIN_NAME.fullmatch(text):
        return text
    # Swarm takes names that differ in their case for the same.
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    readable = re.sub(r"[^a-z0-9_-]", "-", text.lower()).strip("-_")
    return f"{readable[: MAX_NAME - 13].strip('-_')}-{digest}"


def pinned_image(client: DockerClient, name: str) -> str:
    """Return the image by its digest, or by its id if it is from no registry.

    By its name each machine would ask a registry at each start, before it uses what it has.
    """
    try:
        image = client.images.get(name)
    except ImageNotFound:
        return name
    digests = image.attrs.get("RepoDigests") or []
    return str(digests[0] if digests else image.id)

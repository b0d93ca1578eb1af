"""Images, and the short-lived containers of the platform's own image that do what needs rights on
the engine's machine."""

import contextlib
import time
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.images import Image
from docker.types import LogConfig

from operations.provisioners.base import Log, ProvisionError
from operations.provisioners.docker.errors import said
from operations.provisioners.docker.naming import HELPER, PLATFORM, Names

SCRIPT = Path(__file__).with_name("volume.sh").read_text()
LEFT_AFTER = 3600  # seconds
SMALL_LOG = LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"})


class HelperFailedError(Exception):
    """A helper ended with this code, and these words at last."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.code = code
        self.words = " ".join(said.split()[-40:])


def workspace_image(client: DockerClient, name: str, log: Log) -> Image:
    """The image that workspaces run, pulled where the engine has it not yet. ProvisionError."""
    try:
        return client.images.get(name)
    except ImageNotFound:
        log(f"The engine pulls the image {name}.")
    repository, tag = _parts(name)
    try:
        for line in client.api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in line:
                raise ProvisionError("start", _not_pulled(name, str(line["error"])))
        log("Pulled the image.")
        return client.images.get(name)
    except APIError as error:
        raise ProvisionError("start", _not_pulled(name, said(error))) from error


def helper_image(client: DockerClient, name: str) -> None:
    """ProvisionError where the engine has no such image: it is built, and never pulled."""
    try:
        client.images.get(name)
    except ImageNotFound:
        raise ProvisionError(
            "start",
            f"The engine has no image {name}: build it (docker compose build), or name another in "
            "DOCKER_HELPER_IMAGE.",
        ) from None


def run_helper(
    client: DockerClient, image: str, arguments: list[str], *, disks: str, names: Names
) -> str:
    """What volume.sh says, run on the engine's machine with the right to make disks.

    `disks` is the volume that holds them. It carries no label of the workspace: who removes that
    must not remove what another worker is waiting for.

    Raises Failed.
    """
    options: dict[str, Any] = {
        "entrypoint": ["sh", "-c", SCRIPT, "helper"],
        "user": "0:0",
        "network_mode": "host",
        "cap_drop": ["ALL"],
        # To attach loop devices and to mount, which no container may otherwise.
        "cap_add": ["SYS_ADMIN"],
        "security_opt": ["apparmor=unconfined", "label=disable", "no-new-privileges"],
        "device_cgroup_rules": ["b 7:* rmw", "c 10:237 rmw"],
        "read_only": True,
        "tmpfs": {"/run": "size=1m"},
        "pids_limit": 64,
        "mem_limit": "256m",
        "log_config": SMALL_LOG,
        "labels": {PLATFORM: names.platform, HELPER: names.id},
    }
    _remove_left(client, names.platform)
    container = client.containers.create(
        image,
        arguments,
        volumes={disks: {"bind": "/disks"}, "/dev": {"bind": "/dev"}},
        **options,
    )
    try:
        container.start()
        code = int(container.wait()["StatusCode"])
        if code:
            raise HelperFailedError(code, container.logs(stdout=False).decode(errors="replace"))
        return container.logs(stderr=False).decode(errors="replace")
    finally:
        # Of its image's own volumes nothing is left either.
        with contextlib.suppress(NotFound):
            container.remove(force=True, v=True)


def _remove_left(client: DockerClient, platform: str) -> None:
    """Those, of any workspace, that ended after the worker that waited for them was killed."""
    filters: dict[str, Any] = {
        "label": [f"{PLATFORM}={platform}", HELPER],
        "status": ["created", "exited"],
    }
    for left in client.api.containers(all=True, filters=filters):
        # Another worker may still want to read what it said.
        if time.time() - left["Created"] > LEFT_AFTER:
            with contextlib.suppress(NotFound):
                client.api.remove_container(left["Id"], v=True)


def _parts(name: str) -> tuple[str, str | None]:
    """Without a tag the engine would pull all there are."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "latest")


def _not_pulled(name: str, reason: str) -> str:
    return f"The image {name} is not on the engine and cannot be pulled: {reason.rstrip('.')}."

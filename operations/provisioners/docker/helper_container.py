"""Images, and the privileged one-shot container that manages disks on the engine's machine."""

import contextlib
import time
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.images import Image
from docker.types import LogConfig

from operations.provisioners.base import Log, ProvisionError
from operations.provisioners.docker.errors import engine_message
from operations.provisioners.docker.naming import HELPER_LABEL, PLATFORM_LABEL, Names

SCRIPT = Path(__file__).with_name("volume.sh").read_text()
STALE_AFTER_SECONDS = 3600
SMALL_LOG = LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"})


class HelperFailedError(Exception):
    """A helper exited with this code; `output` is the end of its stderr on one line."""

    def __init__(self, code: int, stderr: str) -> None:
        super().__init__(code, stderr)
        self.code = code
        self.output = " ".join(stderr.split()[-40:])


def ensure_workspace_image(client: DockerClient, name: str, log: Log) -> Image:
    """Return the image of workspaces, and pull it first if the engine does not have it.

    Raises:
        ProvisionError: if it cannot be pulled.
    """
    try:
        return client.images.get(name)
    except ImageNotFound:
        log(f"Pulling the image {name}.")
    repository, tag = _split_image_name(name)
    try:
        for line in client.api.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in line:
                raise ProvisionError("start", _pull_failure(name, str(line["error"])))
        log("Pulled the image.")
        return client.images.get(name)
    except APIError as error:
        raise ProvisionError("start", _pull_failure(name, engine_message(error))) from error


def require_helper_image(client: DockerClient, name: str) -> None:
    """Check that the engine has the platform's own image, which is built and never pulled.

    Raises:
        ProvisionError: if it does not.
    """
    try:
        client.images.get(name)
    except ImageNotFound:
        raise ProvisionError(
            "start",
            f"The engine has no image {name}. Build it (docker compose build), or name another in "
            "DOCKER_HELPER_IMAGE.",
        ) from None


def run_helper(
    client: DockerClient, image: str, arguments: list[str], *, disks: str, names: Names
) -> str:
    """Run volume.sh with the right to create disks on the engine's machine; return its stdout.

    `disks` is the volume that holds all disks. The container has no label of the workspace, because
    removing the workspace must not remove a helper that another worker is waiting for.

    Raises:
        HelperFailedError: if the script fails.
    """
    options: dict[str, Any] = {
        "entrypoint": ["sh", "-c", SCRIPT, "helper"],
        "user": "0:0",
        "network_mode": "host",
        "cap_drop": ["ALL"],
        # Attaching loop devices and mounting need it.
        "cap_add": ["SYS_ADMIN"],
        "security_opt": ["apparmor=unconfined", "label=disable", "no-new-privileges"],
        "device_cgroup_rules": ["b 7:* rmw", "c 10:237 rmw"],
        "read_only": True,
        "tmpfs": {"/run": "size=1m"},
        "pids_limit": 64,
        "mem_limit": "256m",
        "log_config": SMALL_LOG,
        "labels": {PLATFORM_LABEL: names.platform, HELPER_LABEL: names.workspace},
    }
    _remove_stale_helpers(client, names.platform)
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
        # v=True also removes the anonymous volumes that its image declares.
        with contextlib.suppress(NotFound):
            container.remove(force=True, v=True)


def _remove_stale_helpers(client: DockerClient, platform: str) -> None:
    """Remove helpers, of any workspace, whose worker was killed before it could do so."""
    filters: dict[str, Any] = {
        "label": [f"{PLATFORM_LABEL}={platform}", HELPER_LABEL],
        "status": ["created", "exited"],
    }
    for helper in client.api.containers(all=True, filters=filters):
        # A younger one may have a worker that still wants to read its output.
        if time.time() - helper["Created"] > STALE_AFTER_SECONDS:
            with contextlib.suppress(NotFound):
                client.api.remove_container(helper["Id"], v=True)


def _split_image_name(name: str) -> tuple[str, str | None]:
    """Split an image name into repository and tag (or digest).

    The default tag is `latest`: without one the engine would pull all tags.
    """
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "latest")


def _pull_failure(name: str, reason: str) -> str:
    return f"The image {name} isn't on the engine and can't be pulled: {reason.rstrip('.')}."

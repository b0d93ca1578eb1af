"""A platform whose workspaces are containers, and all that is removed after it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker import DockerClient

from operations.provisioners.docker import naming
from tests.e2e.conftest import Platform, running_platform
from tests.operations.provisioners.docker.conftest import HELPER


def new_prefix(name: str) -> str:
    """A prefix for the names of a platform of its own."""
    return f"{name}{secrets.token_hex(3)}-"


@contextmanager
def running_on_docker(
    folder: Path, client: DockerClient, prefix: str, **settings: str
) -> Iterator[Platform]:
    """A platform on the Docker engine, of which nothing is left at the end of the block."""
    fixed = {
        "PROVISIONER": "docker",
        "DOCKER_HELPER_IMAGE": HELPER,
        "DOCKER_DISK_GB": "1",
        # Not the defaults, which another platform on this machine may use.
        "DOCKER_PORTS": "32000-32767",
        "DOCKER_SUBNETS": "10.215.0.0/16",
        "TABLE_PREFIX": prefix,
    }
    try:
        with running_platform(folder, **(fixed | settings)) as platform:
            yield platform
    finally:
        remove_all(client, prefix)


def all_of(prefix: str) -> dict[str, Any]:
    """A filter for everything of a platform: containers, disks, networks."""
    return {"label": f"{naming.PLATFORM_LABEL}={prefix}"}


def remove_all(client: DockerClient, prefix: str) -> None:
    """Remove the platform's store of disks, and what a test that failed has left."""
    ours = all_of(prefix)
    for container in client.containers.list(all=True, filters=ours):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=ours):
        network.remove()
    for volume in client.volumes.list(filters=ours):
        volume.remove(force=True)

"""The round of `test_round.py` in containers: the real editor, and checks without a network."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from playwright.sync_api import BrowserContext, Page

from operations.provisioners.docker import naming
from tests.compose.editor import open_editor, run_in_terminal
from tests.e2e.conftest import Invitation, Platform, SignIn, Staff, running_platform
from tests.e2e.round.people import Round
from tests.e2e.round.scenario import play
from tests.operations.provisioners.docker.conftest import HELPER, client, images
from tests.receiver import Receiver

__all__ = ["client", "images"]

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

IMAGE = "codercom/code-server:latest"
# Three editors start at the same time, on a machine that also runs other tests.
PATIENCE_MS = 240_000
WRITE = 'printf %s "$0" >"$1"'


@dataclass(frozen=True)
class DockerEngine:
    client: DockerClient
    prefix: str
    patience_ms: int = PATIENCE_MS

    def type_files(self, candidate: Page, files: dict[str, str]) -> None:
        editor = open_editor(candidate)
        # Each is written only if all of the one before it has arrived.
        command = " && ".join(typed_file(name, text) for name, text in files.items())
        run_in_terminal(editor, command, makes=list(files)[-1])
        editor.close()

    def write_files(self, invitation: Invitation, files: dict[str, str]) -> None:
        container = self.client.containers.get(naming.names_of(self.prefix, invitation.id).editor)
        for name, content in files.items():
            code, output = container.exec_run(["sh", "-c", WRITE, content, name])
            assert code == 0, output


def typed_file(name: str, text: str) -> str:
    """A command for the terminal that writes the file, and fails if keystrokes got lost."""
    quoted = text.replace("%", "%%").replace("'", "'\\''").replace("\n", "\\n")
    return f"printf '{quoted}' >{name} && test $(wc -c <{name}) = {len(text)}"


@pytest.fixture(scope="module")
def prefix() -> str:
    return f"round{secrets.token_hex(3)}-"


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, images: None, client: DockerClient, prefix: str
) -> Iterator[Platform]:
    settings = {
        "PROVISIONER": "docker",
        "DOCKER_IMAGE": IMAGE,
        "DOCKER_HELPER_IMAGE": HELPER,
        "DOCKER_DISK_GB": "1",
        "DOCKER_MEMORY_MB": "1024",
        # Not the defaults, which another platform on this machine may use.
        "DOCKER_PORTS": "32000-32767",
        "DOCKER_SUBNETS": "10.215.0.0/16",
        "TABLE_PREFIX": prefix,
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    try:
        with running_platform(tmp_path_factory.mktemp("round"), **settings) as platform:
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


def test_a_whole_round_in_containers(
    platform: Platform,
    staff: Staff,
    sign_in: SignIn,
    new_context: Callable[..., BrowserContext],
    client: DockerClient,
    prefix: str,
    tmp_path: Path,
) -> None:
    engine = DockerEngine(client, prefix)
    with Receiver() as receiver:
        play(Round(platform, engine, staff, sign_in, new_context), receiver, tmp_path)
    assert client.containers.list(all=True, filters=all_of(prefix)) == []
    assert client.networks.list(filters=all_of(prefix)) == []

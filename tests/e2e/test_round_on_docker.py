"""The round of `test_round.py` in containers: the real editor, and checks without a network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker import DockerClient
from playwright.sync_api import BrowserContext, Page

from operations.provisioners.docker import naming
from tests.compose.editor import open_editor, run_in_terminal
from tests.e2e.conftest import Invitation, Platform, SignIn, Staff
from tests.e2e.docker_engine import all_of, new_prefix, running_on_docker
from tests.e2e.round.people import Round
from tests.e2e.round.scenario import play
from tests.operations.provisioners.docker.conftest import client, images
from tests.receiver import Receiver
from tests.services import wait_until

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
    return new_prefix("round")


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, images: None, client: DockerClient, prefix: str
) -> Iterator[Platform]:
    settings = {
        "DOCKER_IMAGE": IMAGE,
        "DOCKER_MEMORY_MB": "1024",
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    folder = tmp_path_factory.mktemp("round")
    with running_on_docker(folder, client, prefix, **settings) as platform:
        yield platform


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
    # The trials of the samples, which nobody asked for, may go on for a while on a busy machine.
    wait_until(
        lambda: (
            not client.containers.list(all=True, filters=all_of(prefix))
            and not client.networks.list(filters=all_of(prefix))
        ),
        "containers or networks are left",
        seconds=120,
        pause=1,
    )

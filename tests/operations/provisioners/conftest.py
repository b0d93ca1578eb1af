"""Local workspaces in a temporary folder; the fixtures end all processes after each test."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from operations.provisioners.base import Workspace, WorkspaceSpec
from operations.provisioners.local.provisioner import LocalProvisioner, stop_all_workspaces
from tests.services import wait_until

PASSWORD = "sesame-open-4711"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    folder = (tmp_path / "workspaces").resolve()
    yield folder
    stop_all_workspaces(folder, grace_seconds=0.5)


@pytest.fixture
def plain_editor(tmp_path: Path) -> str:
    """The binary of a stub editor that starts immediately."""
    return make_plain_editor(tmp_path)


def make_plain_editor(folder: Path) -> str:
    binary = folder / "code-server"
    source = Path(__file__).with_name("plain_editor.py").read_text().splitlines(keepends=True)
    binary.write_text(f"#!{sys.executable} -ISB\n" + "".join(source[1:]))
    binary.chmod(0o755)
    return str(binary)


@pytest.fixture
def plain(root: Path, plain_editor: str) -> LocalProvisioner:
    return LocalProvisioner(root, code_server=plain_editor)


@pytest.fixture
def jupyter(root: Path) -> LocalProvisioner:
    return LocalProvisioner(root)


@pytest.fixture
def log() -> "LogLines":
    return LogLines()


class LogLines(list[str]):
    """An operation's log that keeps its lines."""

    def __call__(self, line: str) -> None:
        self.append(line)


def make_spec(
    workspace_name: str = "takehome-1", extra: Mapping[str, bytes] | None = None
) -> WorkspaceSpec:
    return WorkspaceSpec(
        workspace_name=workspace_name,
        password=PASSWORD,
        files={"README.md": b"# The task\n", "src/main.py": b"print(1)\n", **(extra or {})},
        ends_at=datetime.now(UTC) + timedelta(hours=1),
    )


def ready(provisioner: LocalProvisioner, workspace: Workspace) -> Workspace:
    wait_until(lambda: provisioner.is_ready(workspace), "The editor does not answer.", seconds=60)
    return workspace


def provision(provisioner: LocalProvisioner, log: Callable[[str], None], id_: str) -> Workspace:
    return ready(provisioner, provisioner.provision(make_spec(id_), log))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""The workspace image's script installs dependencies at the start, and reports the progress."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "workspace/install-dependencies"

# Stubs of programs that need time and the network; they record their calls.
PROGRAMS = {
    "python3": 'mkdir -p .venv/bin && cp "$HOME/programs/pip" .venv/bin/python',
    "pip": 'echo "python $*" >>"$HOME/calls"; [ ! -e "$HOME/broken" ]',
    "npm": 'echo "npm $*" >>"$HOME/calls"; [ ! -e "$HOME/broken" ]',
    "node": "! grep -q '\"dependencies\": {}' package.json",
}
INSTALL = "python -m pip install --disable-pip-version-check"


class WorkspaceHome:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.project.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        for name, body in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{body}\n")
            (programs / name).chmod(0o755)

    def start(self, internet: str = "on") -> str:
        """Run the script; return the line that a terminal shows afterwards."""
        path = f"{self.folder / 'programs'}:{os.environ['PATH']}"
        env = {"HOME": str(self.folder), "PATH": path, "TAKEHOME_INTERNET": internet}
        subprocess.run([SCRIPT], cwd=self.project, env=env, check=True, capture_output=True)
        return self.read(".dependencies")

    def read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def home(tmp_path: Path) -> WorkspaceHome:
    return WorkspaceHome(tmp_path)


def test_without_dependencies_nothing_is_installed_or_shown(home: WorkspaceHome) -> None:
    assert home.start() == ""
    (home.project / "package.json").write_text('{"dependencies": {}}')
    (home.project / "requirements.txt").write_text("")
    assert (home.start(), home.read("calls")) == ("", "")


def test_python_and_node_are_installed_once(home: WorkspaceHome) -> None:
    (home.project / "requirements.txt").write_text("six\n")
    (home.project / "package.json").write_text('{"dependencies": {"a": "1"}}')
    (home.project / "package-lock.json").write_text("{}")
    assert home.start() == "Dependencies are installed.\n"
    calls = f"{INSTALL} -r requirements.txt\nnpm ci --no-audit --no-fund\n"
    assert home.read("calls") == calls
    assert home.start() == "Dependencies are installed.\n"
    assert home.read("calls") == calls


def test_project_without_lock_files_is_installed(home: WorkspaceHome) -> None:
    (home.project / "pyproject.toml").write_text('[project]\ndependencies = ["six"]\n')
    (home.project / "package.json").write_text('{"dependencies": {"a": "1"}}')
    home.start()
    assert home.read("calls").splitlines() == [
        f"{INSTALL} -e .",
        "npm install --no-package-lock --no-audit --no-fund",
    ]


def test_failure_is_shown_and_retried_at_the_next_start(home: WorkspaceHome) -> None:
    (home.project / "requirements.txt").write_text("six\n")
    (home.folder / "broken").touch()
    message = "Dependencies could not be installed (Python); ~/dependencies.log says why.\n"
    assert home.start() == message
    assert home.read("dependencies.log").endswith(message)
    (home.folder / "broken").unlink()
    assert home.start() == "Dependencies are installed.\n"


def test_without_internet_nothing_is_installed_and_the_reason_is_shown(home: WorkspaceHome) -> None:
    (home.project / "requirements.txt").write_text("six\n")
    assert home.start(internet="off") == (
        "This workspace has no internet: dependencies are not installed, but those it came with "
        "are there.\n"
    )
    assert home.read("calls") == ""

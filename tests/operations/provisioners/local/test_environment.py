"""The environment variables of a local workspace, and the tools on its PATH."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.provisioners.local import environment as local_environment
from operations.provisioners.local.editors import EditorLocation
from operations.provisioners.local.environment import workspace_environment
from operations.provisioners.local.processes import MARKER


@pytest.fixture
def location(tmp_path: Path) -> EditorLocation:
    return EditorLocation(tmp_path, "127.0.0.1", 20_000)


def test_environment_inherits_nothing_from_the_platform(
    location: EditorLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("PYTHONPATH", "/x")
    environment = workspace_environment(location)
    assert sorted(environment) == sorted([MARKER, "PATH", "HOME", "LANG", "TERM", "SHELL"])
    assert environment["HOME"] == str(location.folder / "home")
    assert environment[MARKER] == str(location.folder)


def test_environment_finds_this_python_first(location: EditorLocation) -> None:
    assert workspace_environment(location)["PATH"].split(os.pathsep)[0] == str(
        Path(sys.executable).parent
    )


def test_environment_links_node_if_the_machine_has_none(
    location: EditorLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_environment, "SYSTEM_PATH", ("/usr/lib/git-core-none", "/nowhere"))
    for _ in range(2):  # the second time the links are there
        path = workspace_environment(location)["PATH"]
    assert path.split(os.pathsep)[-1] == str(location.folder / "bin")
    for tool in ("node", "npm", "npx"):
        version = subprocess.run(
            [location.folder / "bin" / tool, "--version"],
            env={"PATH": path, "HOME": str(location.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert version.stdout.strip().lstrip("v")[0].isdigit()

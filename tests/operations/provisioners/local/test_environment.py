"""What a local workspace is told of the machine, and the tools that it finds."""

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
def place(tmp_path: Path) -> EditorLocation:
    return EditorLocation(tmp_path, "127.0.0.1", 20_000)


def test_environment_has_nothing_of_the_platform(
    place: EditorLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("PYTHONPATH", "/x")
    told = workspace_environment(place)
    assert sorted(told) == sorted([MARKER, "PATH", "HOME", "LANG", "TERM", "SHELL"])
    assert told["HOME"] == str(place.folder / "home")
    assert told[MARKER] == str(place.folder)


def test_environment_finds_this_python_first(place: EditorLocation) -> None:
    assert workspace_environment(place)["PATH"].split(os.pathsep)[0] == str(
        Path(sys.executable).parent
    )


def test_environment_brings_node_where_there_is_none(
    place: EditorLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_environment, "SYSTEM_PATH", ("/usr/lib/git-core-none", "/nowhere"))
    for _ in range(2):  # the second time the links are there
        path = workspace_environment(place)["PATH"]
    assert path.split(os.pathsep)[-1] == str(place.folder / "bin")
    for tool in ("node", "npm", "npx"):
        version = subprocess.run(
            [place.folder / "bin" / tool, "--version"],
            env={"PATH": path, "HOME": str(place.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert version.stdout.strip().lstrip("v")[0].isdigit()

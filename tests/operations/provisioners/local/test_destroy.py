"""Destroying local workspaces: processes that a candidate left behind, and stubborn folders."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from operations.provisioners.local.processes import MARKER
from operations.provisioners.local.provisioner import LocalProvisioner, stop_all_workspaces
from tests.operations.provisioners.conftest import LogLines, is_alive, provision


def run_inside(root: Path, script: str, *, environment: dict[str, str] | None = None) -> int:
    """Run a shell script that leaves a process behind; return the pid that it prints."""
    folder = root / "takehome-1"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=folder / "files",
        env={"PATH": os.environ["PATH"], MARKER: str(folder)} | (environment or {}),
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(done.stdout)


def test_destroy_ends_the_editor_and_removes_the_folder(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    workspace = provision(plain, log, "takehome-1")
    other = provision(plain, log, "takehome-10")
    log.clear()
    plain.destroy(workspace, log)
    assert not is_alive(workspace.state["pid"])
    assert not (root / "takehome-1").exists()
    plain.destroy(replace(workspace, state={}, url=None), log)
    assert log == [
        "Stopped the workspace and removed its folder.",
        "The workspace was already gone.",
    ]
    assert plain.is_ready(other).ready


@pytest.mark.parametrize(
    ("script", "environment"),
    [
        ("setsid sleep 300 >/dev/null & echo $!", {}),
        ("trap '' TERM HUP; sleep 300 >/dev/null & echo $!", {}),
        ("env -i $(command -v sleep) 300 >/dev/null & echo $!", {}),
        (
            "sh -c 'cd /; env -i /bin/sleep 300 3>&- & echo $! >&3; exec 3>&-; wait' "
            "3>&1 >/dev/null &",
            {},
        ),
        ("HOME=/ sleep 300 >/dev/null & cd /; echo $!", {}),
    ],
    ids=["session", "deaf", "no-environment", "child", "elsewhere"],
)
def test_destroy_ends_background_processes(
    plain: LocalProvisioner, root: Path, log: LogLines, script: str, environment: dict[str, str]
) -> None:
    workspace = provision(plain, log, "takehome-1")
    left = run_inside(root, script, environment=environment)
    assert is_alive(left)
    plain.destroy(workspace, log)
    assert not is_alive(left)


def test_destroy_spares_a_developers_process_in_the_folder(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    workspace = provision(plain, log, "takehome-1")
    with subprocess.Popen(["/bin/sleep", "300"], cwd=root / "takehome-1/files") as developer:
        plain.destroy(workspace, log)
        assert developer.poll() is None
        developer.kill()


def test_destroy_removes_read_only_and_very_deep_folders(
    plain: LocalProvisioner, root: Path, tmp_path: Path, log: LogLines
) -> None:
    workspace = provision(plain, log, "takehome-1")
    files = root / "takehome-1/files"
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (files / "link").symlink_to(outside)
    locked = files / "locked"
    (locked / "inner").mkdir(parents=True)
    (locked / "inner/file").write_text("x")
    (locked / "inner").chmod(0)
    locked.chmod(0o500)
    deep = os.open(files, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=deep)
        below = os.open("deep", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    plain.destroy(workspace, log)
    assert not (root / "takehome-1").exists()
    assert outside.stat().st_mode & 0o777 == 0o500


def test_stop_all_workspaces_ends_processes_and_keeps_files(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    made = [provision(plain, log, f"takehome-{number}") for number in (1, 2, 3)]
    deaf = run_inside(root, "trap '' TERM; sleep 300 >/dev/null & echo $!")
    stop_all_workspaces(root, grace_seconds=0.5)
    assert [is_alive(workspace.state["pid"]) for workspace in made] == [False, False, False]
    assert not is_alive(deaf)
    assert (root / "takehome-2/files/README.md").read_bytes() == b"# The task\n"
    stop_all_workspaces(root / "never-made")

"""Temporary folders stay while their process uses them, and not when it is killed."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from operations import tasks
from operations.checks import sweep
from operations.provisioners import temporary_folder as module
from operations.provisioners.temporary_folder import remove_left, temporary_folder
from operations.reaper import scan


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def killed(place: Path) -> Path:
    """The folder of a process that was killed, with a file that nobody may read."""
    child = os.fork()
    if child == 0:
        with temporary_folder() as folder:
            (folder / "files.tar.gz").write_bytes(b"a candidate's")
            (folder / "closed").mkdir(mode=0)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (left,) = place.iterdir()
    return left


def make_older(folder: Path) -> None:
    at = folder.stat().st_mtime - module.MIN_AGE_SECONDS - 1
    os.utime(folder, (at, at))


def test_the_folder_of_a_killed_process_is_removed(killed: Path) -> None:
    remove_left()
    # Its process may be about to lock it.
    assert killed.exists()
    make_older(killed)
    remove_left()
    assert not killed.exists()


def test_a_folder_in_use_stays(place: Path) -> None:
    with temporary_folder() as folder:
        (folder / "file").touch()
        make_older(folder)
        remove_left()
        assert (folder / "file").exists()
    assert not list(place.iterdir())


def test_other_folders_and_links_stay(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "file").touch()
    (place / f"{module.PREFIX}link").symlink_to(other)
    (place / "takehome-other").mkdir()
    for folder in (other, place / "takehome-other"):
        make_older(folder)
    remove_left()
    assert (other / "file").exists()
    assert (place / "takehome-other").exists()


@pytest.mark.django_db
def test_the_sweep_removes_them(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "scan_engines", lambda: None)
    monkeypatch.setattr(sweep, "remove_left", lambda: None)
    make_older(killed)
    tasks.scan_engines()
    assert not killed.exists()

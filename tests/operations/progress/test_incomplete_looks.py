"""A look that cannot read everything leaves nothing for ever, and calls nothing deleted."""

import errno
import os
import tarfile
from pathlib import Path

import pytest

from operations.progress import restore
from operations.progress.manifest_store import read_manifest
from operations.provisioners import file_look
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now

pytestmark = pytest.mark.django_db


def unread(state) -> list[bytes]:
    return [path for path, file in read_manifest(state.key).files.items() if not file.sha256]


def test_files_that_one_look_cannot_read_are_read_by_the_next_ones(
    watched, workspace: Path, monkeypatch
) -> None:
    monkeypatch.setattr(file_look, "MAX_READ_BYTES", 1000)
    # As when an archive is unpacked: all within the margin of the clocks.
    monkeypatch.setattr(file_look, "CLOCK_MARGIN_NS", 3600 * 10**9)
    monkeypatch.setattr("operations.progress.keep.look.CLOCK_MARGIN_NS", 3600 * 10**9)
    for number in range(30):
        (workspace / f"data{number:02}").write_bytes(os.urandom(100))
    left = [len(unread(keep_now(watched)[-1])) for _ in range(4)]
    assert sorted(left, reverse=True) == left
    assert left[0] >= 20
    assert left[-1] == 0
    # Each is counted once, as new, and the starting files not at all.
    states = keep_now(watched)
    assert sum(state.files_added for state in states) == 30
    assert sum(state.files_changed + state.files_deleted for state in states) == 0


def test_a_file_that_was_known_is_read_again_where_there_is_room(
    watched, folder_engine, workspace: Path, monkeypatch
) -> None:
    monkeypatch.setattr(file_look, "CLOCK_MARGIN_NS", 3600 * 10**9)
    monkeypatch.setattr("operations.progress.keep.look.CLOCK_MARGIN_NS", 3600 * 10**9)
    (workspace / "known").write_bytes(b"known")
    keep_now(watched)
    folder_engine.read.clear()
    (workspace / "new").write_bytes(b"new")
    keep_now(watched)
    assert {b"known", b"new"} <= set(folder_engine.read)


def restored_names(interview, tmp_path: Path, lines: list[str]) -> list[str]:
    interview = fresh(interview)
    assert restore.begin_restore(interview)
    with tarfile.open(
        restore.write_archive(interview, tmp_path / "a.tgz", lines.append, step="save")
    ) as saved:
        return saved.getnames()


def test_a_restore_has_starting_files_that_no_look_has_read(
    watched, workspace: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(file_look, "MAX_READ_BYTES", 0)
    (workspace / "mine.py").write_bytes(b"mine\n")
    state = keep_now(watched)[-1]
    assert state.files_deleted == 0
    lines: list[str] = []
    names = restored_names(watched, tmp_path, lines)
    assert {f"files/{path.name}" for path in workspace.iterdir()} - set(names) == {"files/mine.py"}
    assert "Not restored, as their content isn't kept: mine.py." in lines


def fail_to_list(monkeypatch, folder: Path, error: int) -> None:
    real = os.scandir

    def scandir(descriptor):
        if Path(f"/proc/self/fd/{descriptor}").readlink() == folder:
            raise OSError(error, os.strerror(error))
        return real(descriptor)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.EINVAL, errno.EMFILE])
def test_what_is_in_a_folder_that_cannot_be_read_is_as_it_was(
    watched, workspace: Path, monkeypatch, error: int
) -> None:
    (workspace / "src/deep").mkdir(parents=True)
    (workspace / "src/a.py").write_bytes(b"a\n")
    (workspace / "src/deep/b.py").write_bytes(b"b\n")
    before = keep_now(watched)[-1]
    (workspace / "new.py").write_bytes(b"new\n")
    with monkeypatch.context() as patched:
        fail_to_list(patched, workspace / "src", error)
        state = keep_now(watched)[-1]
    assert (state.number, state.files_deleted, state.files) == (2, 0, before.files + 1)
    # What changed meanwhile is read as soon as the folder can be.
    (workspace / "src/a.py").write_bytes(b"aa\n")
    state = keep_now(watched)[-1]
    assert (state.files_changed, state.files_deleted) == (1, 0)


def test_a_folder_that_vanishes_meanwhile_is_deleted(watched, workspace: Path, monkeypatch) -> None:
    (workspace / "src").mkdir()
    (workspace / "src/a.py").write_bytes(b"a\n")
    keep_now(watched)
    fail_to_list(monkeypatch, workspace / "src", errno.ENOENT)
    assert keep_now(watched)[-1].files_deleted == 1


def test_a_workspace_that_cannot_be_listed_makes_no_state(
    watched, workspace: Path, monkeypatch
) -> None:
    keep_now(watched)
    fail_to_list(monkeypatch, workspace, errno.EIO)
    assert len(keep_now(watched)) == 1


def test_starting_files_that_are_read_later_are_no_changes(
    watched, workspace: Path, monkeypatch
) -> None:
    (workspace / "mine.py").write_bytes(b"mine\n")
    with monkeypatch.context() as patched:
        patched.setattr(file_look, "MAX_READ_BYTES", 0)
        keep_now(watched)
    state = keep_now(watched)[-1]
    assert (state.files_added, state.files_changed, state.lines_added) == (1, 0, 1)

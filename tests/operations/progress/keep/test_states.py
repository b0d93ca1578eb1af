"""What a state of the progress has, and what is read and stored for it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from operations.progress.keep import look
from operations.progress.models import ProgressWatch
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now, states_of
from tests.operations.progress.keep.stored import content_of, manifest_of, stored

pytestmark = pytest.mark.django_db


def test_the_first_state_has_the_starting_files_and_no_changes(watched, workspace: Path) -> None:
    (state,) = keep_now(watched)
    assert set(manifest_of(state).files) == {
        os.fsencode(path.relative_to(workspace)) for path in workspace.rglob("*") if path.is_file()
    }
    assert (state.number, state.sitting, state.since) == (1, 1, watched.ready_at)
    assert (state.files_added, state.files_changed, state.files_deleted) == (0, 0, 0)
    assert (state.lines_added, state.lines_deleted, state.largest) == (0, 0, [])
    assert fresh(watched).kept_at is not None


def test_a_first_state_is_compared_with_the_starting_files(watched, workspace: Path) -> None:
    path = next(path for path in sorted(workspace.rglob("*")) if path.is_file())
    path.write_bytes(path.read_bytes() + b"one more\n")
    (workspace / "new.txt").write_bytes(b"1\n2\n3")
    (state,) = keep_now(watched)
    assert (state.files_added, state.files_changed, state.files_deleted) == (1, 1, 0)
    assert (state.lines_added, state.lines_deleted) == (4, 0)


def test_a_state_says_what_was_added_changed_and_deleted(watched, workspace: Path) -> None:
    (workspace / "gone.txt").write_bytes(b"a\nb\n")
    (workspace / "main.txt").write_bytes(b"one\ntwo\nthree\n")
    first = keep_now(watched)[-1]
    (workspace / "gone.txt").unlink()
    (workspace / "main.txt").write_bytes(b"one\n2\nthree\nfour\n")
    (workspace / "many.txt").write_bytes(b"line\n" * 420)
    (workspace / "logo.png").write_bytes(b"\x89PNG\0\0")
    (workspace / ".git").mkdir()
    (workspace / ".git/COMMIT_EDITMSG").write_bytes(b"not counted\n")
    first_state, state = keep_now(watched)
    assert first_state == first
    assert (state.files_added, state.files_changed, state.files_deleted) == (2, 1, 1)
    assert (state.lines_added, state.lines_deleted) == (422, 3)
    assert state.largest[0] == {
        "path": "many.txt",
        "status": "added",
        "added": 420,
        "deleted": 0,
    }
    assert state.lines == first.lines + 422 - 3
    assert state.since == first.at
    assert b".git/COMMIT_EDITMSG" in manifest_of(state).files
    # The state before is as it was.
    assert content_of(first, b"main.txt") == b"one\ntwo\nthree\n"
    assert content_of(state, b"main.txt") == b"one\n2\nthree\nfour\n"


def test_only_what_changed_is_read_and_stored(watched, folder_engine, workspace: Path) -> None:
    for number in range(50):
        (workspace / f"{number}.txt").write_bytes(os.urandom(1000))
    keep_now(watched)
    before = stored(watched)
    folder_engine.read.clear()
    (workspace / "7.txt").write_bytes(b"changed\n")
    state = keep_now(watched)[-1]
    assert folder_engine.read == [b"7.txt"]
    assert 0 < state.new_bytes < 100
    assert len(stored(watched)) == len(before) + 2


def test_a_content_that_comes_back_is_not_stored_again(watched, workspace: Path) -> None:
    contents = [os.urandom(5000), os.urandom(5000)]
    for content in (*contents, contents[0]):
        (workspace / "file").write_bytes(content)
        state = keep_now(watched)[-1]
    assert (state.number, state.new_bytes) == (3, 0)
    assert content_of(state, b"file") == contents[0]


def test_nothing_new_is_no_state_but_moves_the_time(watched, folder_engine, workspace) -> None:
    keep_now(watched)
    first_at = fresh(watched).kept_at
    ProgressWatch.objects.update(kept_at=timezone.now() - timedelta(minutes=5))
    files = stored(watched)
    assert len(keep_now(watched)) == 1
    minute_ago = timezone.now() - timedelta(minutes=1)
    assert ProgressWatch.objects.filter(kept_at__gt=minute_ago).exists()
    assert fresh(watched).kept_at >= first_at
    assert stored(watched) == files


def test_a_file_that_was_only_touched_is_read_once(watched, folder_engine, workspace) -> None:
    (workspace / "a.txt").write_bytes(b"a\n")
    keep_now(watched)
    os.utime(workspace / "a.txt")
    assert len(keep_now(watched)) == 1
    folder_engine.read.clear()
    folder_engine.looks = 0
    assert len(keep_now(watched)) == 1
    assert (folder_engine.read, folder_engine.looks) == ([], 1)
    # The list was replaced, and nothing is left of the one before.
    assert len(stored(watched)) == 2


def test_a_moved_file_is_not_read_again(watched, folder_engine, workspace: Path) -> None:
    (workspace / "folder").mkdir()
    (workspace / "folder/a.txt").write_bytes(b"a\n")
    keep_now(watched)
    folder_engine.read.clear()
    # The file's own ctime stays.
    (workspace / "folder").rename(workspace / "moved")
    state = keep_now(watched)[-1]
    assert folder_engine.read == []
    assert content_of(state, b"moved/a.txt") == b"a\n"


def test_a_clock_that_was_set_back_costs_a_second_look(watched, folder_engine, workspace) -> None:
    keep_now(watched)
    ProgressWatch.objects.update(since_ns=2**62)
    (workspace / "late.txt").write_bytes(b"late\n")
    state = keep_now(watched)[-1]
    assert content_of(state, b"late.txt") == b"late\n"


def test_names_links_and_modes_are_kept_byte_by_byte(watched, workspace: Path) -> None:
    name = b"caf\xe9\n.txt"
    Path(os.fsdecode(os.fsencode(workspace) + b"/" + name)).write_bytes(b"latin\n")
    (workspace / "link").symlink_to("/etc/passwd")
    (workspace / "run.sh").write_bytes(b"#!/bin/sh\n")
    keep_now(watched)
    (workspace / "run.sh").chmod(0o755)
    first, state = keep_now(watched)
    assert content_of(state, name) == b"latin\n"
    assert manifest_of(state).files[b"link"].target == b"/etc/passwd"
    assert manifest_of(state).files[b"run.sh"].mode == 0o755
    assert (state.files_changed, state.lines_added) == (1, 0)
    assert manifest_of(first).files[b"run.sh"].mode == 0o644


def test_a_large_file_is_kept_by_its_size(watched, workspace, monkeypatch) -> None:
    monkeypatch.setattr("operations.provisioners.file_look.MAX_FILE_BYTES", 100)
    (workspace / "large.bin").write_bytes(bytes(101))
    state = keep_now(watched)[-1]
    file = manifest_of(state).files[b"large.bin"]
    assert (file.size, file.sha256, file.unread) == (101, "", "large")
    assert len(keep_now(watched)) == 1


def test_beyond_the_limit_of_an_interview_files_are_kept_by_their_size(
    watched, workspace, monkeypatch
) -> None:
    for name in ("one.bin", "two.bin"):
        (workspace / name).write_bytes(os.urandom(500))
        keep_now(watched)
    # Those of all states count.
    stored = sum(state.new_bytes for state in states_of(watched))
    monkeypatch.setattr(look, "MAX_CONTENT_BYTES", stored + 900)
    (workspace / "more.bin").write_bytes(os.urandom(1000))
    state = keep_now(watched)[-1]
    assert manifest_of(state).files[b"more.bin"].unread == "full"
    assert state.new_bytes == 0


def test_a_torn_file_is_as_it_was_until_the_next_look(
    watched, folder_engine, workspace, monkeypatch
) -> None:
    (workspace / "a.txt").write_bytes(b"old\n")
    (workspace / "b.txt").write_bytes(b"old\n")
    keep_now(watched)
    (workspace / "a.txt").write_bytes(b"new one\n")
    (workspace / "b.txt").write_bytes(b"new one\n")
    with monkeypatch.context() as patched:
        patched.setattr("operations.provisioners.file_look.MAX_READ_BYTES", 8)
        state = keep_now(watched)[-1]
    assert sorted(content_of(state, name) for name in (b"a.txt", b"b.txt")) == [
        b"new one\n",
        b"old\n",
    ]
    folder_engine.looks = 0
    state = keep_now(watched)[-1]
    assert folder_engine.looks == 1, "the next look knows that it has to read it"
    assert [content_of(state, name) for name in (b"a.txt", b"b.txt")] == [b"new one\n"] * 2

"""Turns of keeping that fail, come late or come twice, and what is deleted."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews import queries
from interviews.lifecycle import EndReason
from operations import actions, retention
from operations.progress import keys
from operations.progress.cleanup import delete_left_progress
from operations.progress.keep import state as state_module
from operations.progress.manifest_store import store_manifest
from operations.progress.models import ProgressWatch
from operations.provisioners.base import ProvisionError
from tests.conftest import fresh, run_until_idle
from tests.operations.progress.conftest import keep_now, states_of
from tests.operations.progress.keep.stored import content_of, manifest_of, stored

pytestmark = pytest.mark.django_db


def test_progress_is_kept_while_files_change(watched, workspace: Path) -> None:
    is_over = threading.Event()

    def work() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            path = workspace / f"{number % 20}.txt"
            path.write_text(f"{number}\n" * (number % 300))
            if number % 7 == 0:
                path.unlink()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            states = keep_now(watched)
    finally:
        is_over.set()
        thread.join()
    last = keep_now(watched)[-1]
    for path in workspace.glob("*.txt"):
        assert content_of(last, os.fsencode(path.name)) == path.read_bytes()
    # Each content of each state is whole.
    for state in states:
        manifest = manifest_of(state)
        # One that was written while it was read is listed, and read the next time.
        for file in manifest.files.values():
            assert not file.sha256 or len(content_of(state, file.path)) == file.size


def test_an_engine_that_fails_is_only_logged_and_has_its_next_turn(
    watched, folder_engine, monkeypatch
) -> None:
    def fails(*_: object) -> None:
        raise ProvisionError("keep", "The engine does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(folder_engine, "look_at_files", fails)
        assert keep_now(watched) == []
    watch = ProgressWatch.objects.get()
    assert (watch.claim, watch.claimed_until) == ("", None)
    assert watch.due_at > timezone.now() + timedelta(minutes=4)
    assert fresh(watched).state is watched.state
    assert len(keep_now(watched)) == 1


def test_a_store_that_fails_leaves_nothing(watched, workspace, monkeypatch) -> None:
    with monkeypatch.context() as patched:

        def fails(*_: object, **__: object) -> None:
            raise OSError("the disk is full")

        patched.setattr(state_module, "store_manifest", fails)
        assert keep_now(watched) == []
    assert stored(watched) == []
    assert len(keep_now(watched)) == 1


def test_a_worker_that_comes_late_writes_and_leaves_nothing(watched, monkeypatch) -> None:
    store = store_manifest

    def stands_still(*arguments: object) -> str:
        key = store(*arguments)  # type: ignore[arg-type]
        ProgressWatch.objects.update(claim="another")
        return key

    monkeypatch.setattr(state_module, "store_manifest", stands_still)
    assert keep_now(watched) == []
    assert stored(watched) == []
    assert ProgressWatch.objects.get().claim == "another"


def test_no_two_workers_keep_the_same_progress(watched) -> None:
    until = timezone.now() + timedelta(minutes=1)
    ProgressWatch.objects.update(claim="another", claimed_until=until)
    assert keep_now(watched) == []
    # One that died is followed by the next.
    ProgressWatch.objects.update(claimed_until=timezone.now())
    assert len(keep_now(watched)) == 1


def test_a_lost_list_costs_that_everything_is_kept_anew(watched, workspace) -> None:
    (workspace / "a.txt").write_bytes(b"a\n")
    first = keep_now(watched)[-1]
    default_storage.delete(first.key)
    (workspace / "b.txt").write_bytes(b"b\n")
    state = keep_now(watched)[-1]
    assert [content_of(state, name) for name in (b"a.txt", b"b.txt")] == [b"a\n", b"b\n"]


def test_what_is_not_to_be_saved_is_not_kept(watched) -> None:
    watched.change(save_files=False)
    assert keep_now(watched) == []


def test_zero_minutes_keep_nothing(watched, settings) -> None:
    settings.PROGRESS_MINUTES = 0
    assert keep_now(watched) == []


def test_progress_is_deleted_with_the_interview(watched, workspace) -> None:
    keep_now(watched)
    actions.end(watched, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    ended = run_until_idle(watched)
    (workspace / "late.txt").write_bytes(b"late\n")
    assert len(keep_now(ended)) == 1, "a test that is over is not looked at"
    deleted = retention.delete_interview(ended, by="recruiter")
    assert deleted.progress_states == 1
    assert (states_of(ended), stored(ended), list(ProgressWatch.objects.all())) == ([], [], [])


def test_a_worker_that_keeps_while_its_interview_is_deleted_leaves_nothing(
    watched, monkeypatch
) -> None:
    store = store_manifest

    def meanwhile(*arguments: object) -> str:
        actions.end(fresh(watched), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
        retention.delete_interview(run_until_idle(fresh(watched)), by="recruiter")
        return store(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(state_module, "store_manifest", meanwhile)
    keep_now(watched)
    assert queries.get_interview(watched.id) is None
    assert (states_of(watched), stored(watched)) == ([], [])


def test_rows_that_a_deletion_did_not_see_go_with_the_turn_that_wrote_them(
    watched, monkeypatch
) -> None:
    """The watch was begun between the deletion of the progress and that of the interview's row."""
    store = store_manifest

    def meanwhile(*arguments: object) -> str:
        fresh(watched).delete()
        return store(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(state_module, "store_manifest", meanwhile)
    keep_now(watched)
    assert (states_of(watched), stored(watched)) == ([], [])
    assert not ProgressWatch.objects.exists()


def test_what_a_dead_worker_left_of_a_deleted_interview_goes_with_the_sweep(watched) -> None:
    (state,) = keep_now(watched)
    other = keys.pack_key("takehome-gone", 1, "0")
    with default_storage.open(state.key) as file:
        default_storage.save(other, file)
    delete_left_progress()
    assert not default_storage.exists(other)
    assert default_storage.exists(state.key)


def test_its_pages_are_told(watched, stream) -> None:
    stream.entries.clear()
    keep_now(watched)
    assert [event["interviewId"] for event in stream.events_named("interview")] == [watched.id]

"""Ending an orphan: no candidate's file is lost, and no needed workspace is touched."""

from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from pynamodb.exceptions import GetError

from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions
from operations.archives import archive
from operations.exceptions import WrongStateError
from operations.provisioners.base import NotSaved, NotSavedReason
from operations.reaper import actions as orphan_actions
from operations.reaper import classification, end
from operations.reaper.models import (
    MAX_UNKNOWN_PER_ENGINE,
    Orphan,
    OrphanReason,
    open_orphans,
)
from tests.conftest import fresh, run_until_idle
from tests.fakes import CannotDestroy, CannotSave
from tests.orphans import end_what_is_due, saved_in


def test_orphan_is_destroyed_when_it_is_due(over, left, swept, engine):
    left(over.id)
    [orphan] = swept()
    engine.destroyed.clear()
    end.end_orphan(orphan.pk)
    assert engine.destroyed == []
    end_what_is_due()
    assert engine.destroyed == [over.id]
    orphan.refresh_from_db()
    assert (orphan.ended_at is not None, orphan.ended_by, orphan.saved_bytes) == (True, "", None)
    assert swept() == []


def test_unsaved_files_are_saved_first(unsaved, swept, engine):
    swept()
    end_what_is_due()
    row = fresh(unsaved)
    assert saved_in(row.history_s3_key) == {"answer.py": b"print(42)\n"}
    assert row.is_saved
    assert engine.running == {}
    assert Orphan.objects.get().saved_bytes == row.archive_bytes


def test_files_of_an_earlier_opening_are_saved_as_an_additional_archive(over, swept, left, engine):
    for _ in range(2):
        actions.reopen(fresh(over), 20, by="recruiter")
        row = run_until_idle(over)
        if int(row.reopened) == 1:
            # The files of the second opening are not in the store.
            actions.end(row, by="recruiter", reason=EndReason.ENDED_BY_STAFF, save=False)
            run_until_idle(over)
    left(f"{over.id}-2", **{"second.py": b"2\n"})
    [orphan] = swept()
    assert orphan.why == OrphanReason.OTHER_OPENING
    before = fresh(over)
    engine.not_saved = [NotSaved("target", NotSavedReason.REGENERABLE, 1, 2)]
    end_what_is_due()
    row = fresh(over)
    assert row.history_s3_key == before.history_s3_key
    assert [each.path for each in row.earlier_archives[-1].not_saved] == ["target"]
    assert row.not_saved is None
    assert saved_in(row.earlier_archives[-1].key) == {"second.py": b"2\n"}
    assert row.earlier_archives[-1].sitting == 2
    assert list(engine.running) == [row.workspace_name]


def test_orphan_is_kept_with_the_reason_if_saving_fails(unsaved, swept, use_engine, engine):
    broken = use_engine(CannotSave())
    broken.running, broken.disks = engine.running, engine.disks
    swept()
    end_what_is_due()
    [orphan] = open_orphans()
    assert (orphan.failed_step, orphan.problem) == ("save", "The disk does not answer.")
    assert orphan.end_at > timezone.now() + timedelta(minutes=9)
    assert not orphan.is_being_ended
    assert list(broken.running) == [unsaved.id]


def test_files_can_be_given_up_only_after_saving_failed(unsaved, swept, use_engine, engine):
    broken = use_engine(CannotSave())
    broken.running, broken.disks = engine.running, engine.disks
    [orphan] = swept()
    orphan_actions.end_orphan_now(orphan, by="admin", save=False)
    end.end_orphan(orphan.pk)
    [orphan] = open_orphans()
    assert (orphan.save_files, list(broken.running)) == (True, [unsaved.id])
    orphan_actions.end_orphan_now(orphan, by="admin", save=False)
    end.end_orphan(orphan.pk)
    assert (broken.running, open_orphans().count()) == ({}, 0)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError("full"), "The files couldn't be stored. See the worker's log."),
        (archive.ArchiveNotStoredError("It is not there."), "It is not there."),
    ],
)
def test_orphan_is_kept_if_the_store_refuses_the_files(
    unsaved, swept, engine, monkeypatch, error, problem
):
    def refuses(*_, **__):
        raise error

    monkeypatch.setattr(FileSystemStorage, "save", refuses)
    swept()
    end_what_is_due()
    [orphan] = open_orphans()
    assert orphan.problem == problem
    assert list(engine.running) == [unsaved.id]


def test_failed_destroy_is_retried(over, left, swept, use_engine, engine):
    left(over.id)
    swept()
    broken = use_engine(CannotDestroy())
    broken.running = engine.running
    end_what_is_due()
    [orphan] = open_orphans()
    assert (orphan.failed_step, orphan.problem) == ("destroy", "The engine does not answer.")
    engine = use_engine(engine)
    end_what_is_due()
    assert (open_orphans().count(), engine.running) == (0, {})


def test_fault_14_a_table_that_cannot_be_read_ends_nothing(over, left, swept, engine, monkeypatch):
    left(over.id)
    swept()

    def away(*args, **kwargs):
        raise GetError("throttled")

    monkeypatch.setattr(Interview, "batch_get", away)
    end_what_is_due()
    [orphan] = open_orphans()
    assert orphan.problem == "The database isn't responding."
    assert list(engine.running) == [over.id]


def test_needed_workspace_is_not_destroyed(over, left, swept, engine):
    left(f"{over.id}-2")
    [orphan] = swept()
    assert orphan.why == OrphanReason.OVER
    actions.reopen(over, 20, by="recruiter")
    row = run_until_idle(over)
    end_what_is_due()
    assert (Orphan.objects.count(), list(engine.running)) == (0, [row.workspace_name])


def test_orphan_with_a_pending_start_is_left_alone(over, left, swept, engine):
    left(f"{over.id}-2")
    swept()
    actions.reopen(over, 20, by="recruiter")
    end_what_is_due()
    assert list(engine.running) == [f"{over.id}-2"]


def test_lease_of_a_dead_worker_expires(over, left, swept, engine):
    left(over.id)
    swept()
    Orphan.objects.update(lease="dead", lease_until=timezone.now() + timedelta(minutes=1))
    end_what_is_due()
    assert list(engine.running) == [over.id]
    Orphan.objects.update(lease_until=timezone.now())
    end_what_is_due()
    assert engine.running == {}


def test_too_many_unknown_workspaces_are_not_ended_by_an_earlier_dispatch(left, swept, engine):
    for number in range(MAX_UNKNOWN_PER_ENGINE + 1):
        left(f"takehome-{number}")
    swept()
    end_what_is_due()
    assert len(engine.running) == MAX_UNKNOWN_PER_ENGINE + 1


def test_unexpected_exception_is_only_logged(over, left, swept, engine, caplog):
    left(over.id)
    swept()

    def explodes(workspace, log):
        raise ZeroDivisionError("a detail")

    engine.destroy = explodes
    end_what_is_due()
    assert "a detail" not in open_orphans().get().problem


def test_files_of_another_opening_do_not_change_a_running_test(running, left, swept, engine):
    """An orphan of a later opening than the row knows, which was restored from a backup."""
    left(f"{running.id}-5", **{"late.py": b"5\n"})
    swept()
    end_what_is_due()
    row = fresh(running)
    assert saved_in(row.earlier_archives[-1].key) == {"late.py": b"5\n"}
    assert list(engine.running) == [running.id]
    assert row.time_changes == running.time_changes


# -- an administrator's actions --------------------------------------------------------------------


def test_end_orphan_now(over, left, swept, engine, enqueued, stream):
    left(over.id)
    [orphan] = swept()
    enqueued.clear()
    orphan_actions.end_orphan_now(orphan, by="admin")
    assert enqueued == [("operations.end_orphan", str(orphan.pk))]
    assert stream.events_named("workspaces")[-1] == {}
    end.end_orphan(orphan.pk)
    orphan.refresh_from_db()
    assert (orphan.ended_by, engine.running) == ("admin", {})


def test_keep_orphan_for_a_day(over, left, swept, engine):
    left(over.id)
    [orphan] = swept()
    orphan_actions.end_orphan_now(orphan, by="admin")
    orphan_actions.keep_orphan(orphan, by="boss")
    end.end_orphan(orphan.pk)
    [orphan] = swept()
    assert (orphan.kept_by, orphan.ended_by) == ("boss", "")
    assert orphan.end_at - timezone.now() == pytest.approx(
        orphan_actions.KEEP_FOR, abs=timedelta(seconds=5)
    )
    assert list(engine.running) == [over.id]


@pytest.mark.parametrize("state", [{"lease": "x"}, {"ended_at": timezone.now()}])
def test_actions_on_a_leased_or_ended_orphan_are_refused(over, left, swept, state):
    left(over.id)
    [orphan] = swept()
    until = {"lease_until": timezone.now() + timedelta(minutes=1)} if "lease" in state else {}
    Orphan.objects.update(**state, **until)
    for ask in (orphan_actions.end_orphan_now, orphan_actions.keep_orphan):
        with pytest.raises(WrongStateError, match="already gone"):
            ask(orphan, by="admin")


def test_reclassify_reads_one_name(over, left, swept):
    left(over.id)
    swept()
    assert classification.reclassify(over.id).reason == OrphanReason.OVER

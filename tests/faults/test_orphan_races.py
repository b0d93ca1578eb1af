"""Ending orphaned workspaces while something else happens at the same time."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import actions, models, provisioners, retention
from operations.archives import archive
from operations.reaper import end, scan
from operations.reaper.models import Orphan, OrphanReason
from operations.worker import runner
from tests.conftest import expire_lease, fresh, operation_of, run_until_idle
from tests.fakes import FakeProvisioner
from tests.orphans import end_what_is_due, make_due, saved_in


class Killed(BaseException):
    """A worker process is killed here."""


def test_orphan_is_checked_again_right_before_it_is_destroyed(unsaved, swept, engine):
    """The interview is reopened while the orphan's files are saved, so the workspace may be in use.

    Nothing is destroyed, and no archive stays in the storage.
    """
    original = engine.export

    def reopened_meanwhile(workspace, path, starting_paths):
        not_saved = original(workspace, path, starting_paths)
        row = fresh(unsaved)
        row.change(history_s3_key="elsewhere", archive_at=now())
        actions.reopen(fresh(unsaved), 20, by="recruiter")
        return not_saved

    engine.export = reopened_meanwhile
    swept()
    engine.destroyed.clear()
    end_what_is_due()
    assert engine.destroyed == []
    folder = archive.archive_key(unsaved.id, "x").rpartition("/")[0]
    kept = default_storage.listdir(folder)[1]
    assert [name for name in kept if name.startswith(f"{unsaved.id}-")] == []


def test_row_written_after_the_scan_keeps_its_workspace(left, swept, engine, invite):
    """The row is written between the scan and the end; the last check finds it."""
    row = invite()
    row.delete()
    left(row.id)
    [orphan] = swept()
    assert orphan.why == OrphanReason.UNKNOWN_INTERVIEW
    row.create(by="recruiter")
    end_what_is_due()
    assert (Orphan.objects.count(), list(engine.running)) == (0, [row.id])


@pytest.fixture
def before_the_destroy(monkeypatch: pytest.MonkeyPatch, engine: Any) -> Any:
    """Call it with an action that runs right before the worker destroys the workspace."""

    def call(action: Any) -> None:
        def factory() -> Any:
            monkeypatch.setitem(provisioners.FACTORIES, "fake", lambda: engine)
            action()
            return engine

        monkeypatch.setitem(provisioners.FACTORIES, "fake", factory)

    return call


def test_row_written_right_before_the_destroy_keeps_its_workspace(
    left, swept, engine, invite, before_the_destroy
):
    row = invite()
    row.delete()
    left(row.id)
    swept()
    before_the_destroy(lambda: row.create(by="recruiter"))
    end_what_is_due()
    assert (Orphan.objects.count(), list(engine.running)) == (0, [row.id])


def test_worker_that_lost_its_lease_right_before_the_destroy_destroys_nothing(
    over, left, swept, engine, before_the_destroy
):
    left(over.id)
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()

    def another_takes_over() -> None:
        Orphan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        end.end_orphan(orphan.pk)

    before_the_destroy(another_takes_over)
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]


def test_two_workers_end_an_orphan_once(over, left, swept, engine):
    left(over.id)
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()
    original = engine.destroy

    def another_worker_ends_it(workspace, log):
        end.end_orphan(orphan.pk)
        scan.scan_engines()
        original(workspace, log)

    engine.destroy = another_worker_ends_it
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]


def test_worker_whose_lease_expired_does_not_destroy(unsaved, swept, engine):
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()
    original = engine.export

    def lease_expires_meanwhile(workspace, path, starting_paths):
        not_saved = original(workspace, path, starting_paths)
        Orphan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        engine.export = original
        end.end_orphan(orphan.pk)
        return not_saved

    engine.export = lease_expires_meanwhile
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [unsaved.id]
    # There is one archive, of the worker that finished.
    assert len(saved_in(fresh(unsaved).history_s3_key)) == 1
    folder = archive.archive_key(unsaved.id, "x").rpartition("/")[0]
    names = [n for n in default_storage.listdir(folder)[1] if n.startswith(f"{unsaved.id}-")]
    assert names == [fresh(unsaved).history_s3_key.rpartition("/")[2]]


def test_interview_deleted_while_its_files_are_saved_leaves_no_archive(unsaved, swept, engine):
    original = engine.export

    def deleted_meanwhile(workspace, path, starting_paths):
        not_saved = original(workspace, path, starting_paths)
        retention.delete_interview(fresh(unsaved), by="admin")
        return not_saved

    engine.export = deleted_meanwhile
    swept()
    end_what_is_due()
    assert list(Path(default_storage.path("archives")).rglob("*.tar.gz")) == []


class WorkerKilledInProvision(FakeProvisioner):
    """An engine whose provision is so slow that the worker loses its lease.

    It creates the workspace after the interview has ended, and kills the worker before it cleans
    up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.resume = threading.Event()

    def provision(self, spec: Any, log: Any) -> Any:
        self.entered.set()
        assert self.resume.wait(60)
        super().provision(spec, log)
        raise Killed


def test_workspace_of_a_killed_worker_is_ended(take_home: Any, use_engine: Any, swept: Any) -> None:
    engine = use_engine(WorkerKilledInProvision())
    create = actions.activate(take_home, by="candidate")

    def work() -> None:
        with pytest.raises(Killed):
            runner.run_operation(create)

    worker = threading.Thread(target=work)
    worker.start()
    assert engine.entered.wait(30)
    operation = models.get_operation(create)
    assert operation is not None
    expire_lease(operation)
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    assert engine.running == {}
    engine.resume.set()
    worker.join(60)
    assert list(engine.running) == [take_home.id]
    [orphan] = swept()
    assert orphan.why == OrphanReason.OVER
    end_what_is_due()
    assert engine.running == {}
    assert operation_of(take_home).type == "destroy"


def test_overlapping_scans_record_an_orphan_once(
    over: Any, left: Any, swept: Any, engine: Any
) -> None:
    left(over.id)
    original = engine.list_owned

    def another_scan_begins() -> Any:
        engine.list_owned = original
        scan.scan_engines()
        return original()

    engine.list_owned = another_scan_begins
    assert [orphan.name for orphan in swept()] == [over.id]

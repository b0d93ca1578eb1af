"""The end of what nobody needs, against everything that may happen at the same time."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import (
    actions,
    archive,
    models,
    provisioners,
    retention,
)
from operations.models import Operation
from operations.reaper import end, scan
from operations.reaper.models import Orphan, OrphanReason
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import FakeProvisioner
from tests.orphans import end_what_is_due, make_due, saved_in


class Killed(BaseException):
    """The process of a worker ended here."""


def test_it_is_looked_at_again_right_before_the_engine_is_asked(unsaved, swept, engine):
    """It was reopened while the files were being saved: the name is another one's by then, or a
    start is under way. Nothing is destroyed, and nothing is left in the store."""
    whole = engine.export

    def reopened_meanwhile(workspace, path):
        whole(workspace, path)
        row = fresh(unsaved)
        row.change(history_s3_key="elsewhere", archive_at=now())
        actions.reopen(fresh(unsaved), 20, by="recruiter")

    engine.export = reopened_meanwhile
    swept()
    engine.destroyed.clear()
    end_what_is_due()
    assert engine.destroyed == []
    folder = archive.key_of(unsaved.id, "x").rpartition("/")[0]
    kept = default_storage.listdir(folder)[1]
    assert [name for name in kept if name.startswith(f"{unsaved.id}-")] == []


def test_a_row_that_comes_into_being_late_saves_its_workspace(left, swept, engine, invite):
    """Between the look and the end somebody writes the row: the last look sees it."""
    row = invite()
    row.delete()
    left(row.id)
    [orphan] = swept()
    assert orphan.why == OrphanReason.UNKNOWN_INTERVIEW
    row.create(by="recruiter")
    end_what_is_due()
    assert (Orphan.objects.count(), list(engine.running)) == (0, [row.id])


@pytest.fixture
def at_the_last_moment(monkeypatch: pytest.MonkeyPatch, engine: Any) -> Any:
    """Call it with what happens when a worker has everything in hand to destroy."""

    def call(happens: Any) -> None:
        def factory() -> Any:
            monkeypatch.setitem(provisioners.FACTORIES, "fake", lambda: engine)
            happens()
            return engine

        monkeypatch.setitem(provisioners.FACTORIES, "fake", factory)

    return call


def test_a_row_that_comes_into_being_at_the_last_moment_saves_its_workspace(
    left, swept, engine, invite, at_the_last_moment
):
    row = invite()
    row.delete()
    left(row.id)
    swept()
    at_the_last_moment(lambda: row.create(by="recruiter"))
    end_what_is_due()
    assert (Orphan.objects.count(), list(engine.running)) == (0, [row.id])


def test_a_worker_that_lost_its_claim_at_the_last_moment_destroys_nothing(
    over, left, swept, engine, at_the_last_moment
):
    left(over.id)
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()

    def another_takes_over() -> None:
        Orphan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        end.end_orphan(orphan.pk)

    at_the_last_moment(another_takes_over)
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]


def test_two_workers_end_it_once(over, left, swept, engine):
    left(over.id)
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()
    whole = engine.destroy

    def another_comes(workspace, log):
        end.end_orphan(orphan.pk)
        scan.scan_engines()
        whole(workspace, log)

    engine.destroy = another_comes
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [over.id]


def test_a_worker_that_was_silent_for_too_long_has_lost_it(unsaved, swept, engine):
    [orphan] = swept()
    make_due(orphan)
    engine.destroyed.clear()
    whole = engine.export

    def frozen(workspace, path):
        whole(workspace, path)
        Orphan.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        engine.export = whole
        end.end_orphan(orphan.pk)

    engine.export = frozen
    end.end_orphan(orphan.pk)
    assert engine.destroyed == [unsaved.id]
    # One archive, of the one who finished.
    assert len(saved_in(fresh(unsaved).history_s3_key)) == 1
    folder = archive.key_of(unsaved.id, "x").rpartition("/")[0]
    names = [n for n in default_storage.listdir(folder)[1] if n.startswith(f"{unsaved.id}-")]
    assert names == [fresh(unsaved).history_s3_key.rpartition("/")[2]]


def test_deleted_while_it_was_being_saved_nothing_stays_in_the_store(unsaved, swept, engine):
    whole = engine.export

    def deleted_meanwhile(workspace, path):
        whole(workspace, path)
        retention.delete_interview(fresh(unsaved), by="admin")

    engine.export = deleted_meanwhile
    swept()
    end_what_is_due()
    assert list(Path(default_storage.path("archives")).rglob("*.tar.gz")) == []


class LosesItsWorker(FakeProvisioner):
    """The worker that provisions is silent for longer than its lease, comes back when everything is
    over, makes the workspace, and is killed before it could clean up."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def provision(self, spec: Any, log: Any) -> Any:
        self.entered.set()
        assert self.go_on.wait(60)
        super().provision(spec, log)
        raise Killed


def test_what_a_worker_left_behind_when_it_was_killed_is_ended(
    take_home: Any, use_engine: Any, swept: Any
) -> None:
    engine = use_engine(LosesItsWorker())
    create = actions.activate(take_home, by="candidate")

    def work() -> None:
        with pytest.raises(Killed):
            runner.run_operation(create)

    worker = threading.Thread(target=work)
    worker.start()
    assert engine.entered.wait(30)
    operation = models.get(create)
    assert operation is not None
    past = now() - timedelta(seconds=1)
    operation.update(actions=[Operation.lease_until.set(past), Operation.due_at.set(past)])
    actions.revoke(fresh(take_home), by="recruiter")
    assert run_until_idle(take_home).state is Status.REVOKED
    assert engine.running == {}
    engine.go_on.set()
    worker.join(60)
    assert list(engine.running) == [take_home.id]
    [orphan] = swept()
    assert orphan.why == OrphanReason.OVER
    end_what_is_due()
    assert engine.running == {}
    assert operation_of(take_home).type == "destroy"


def test_sweeps_that_overlap_note_it_once(over: Any, left: Any, swept: Any, engine: Any) -> None:
    left(over.id)
    whole = engine.list_owned

    def another_begins() -> Any:
        engine.list_owned = whole
        scan.scan_engines()
        return whole()

    engine.list_owned = another_begins
    assert [orphan.name for orphan in swept()] == [over.id]

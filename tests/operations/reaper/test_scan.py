"""The scan: which workspaces it records as orphans, and which it reports as missing."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pynamodb.exceptions import GetError

from interviews.models import Interview
from operations import (
    actions,
    models,
    provisioners,
)
from operations.lifecycle import OperationType
from operations.provisioners.base import Machine, MachineState
from operations.reaper import scan
from operations.reaper.models import (
    MAX_UNKNOWN_PER_ENGINE,
    ORPHAN_GRACE_PERIOD,
    UNKNOWN_GRACE_PERIOD,
    EngineLook,
    Orphan,
    OrphanReason,
    orphan_counts,
)
from operations.worker import runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import CannotList, FakeProvisioner, ListBreaksOff
from tests.orphans import make_due


@pytest.fixture
def over(over, left):
    """A finished test with a workspace that reappeared afterwards."""
    left(over.id)
    return over


def test_needed_workspace_is_no_orphan(running, swept, enqueued):
    enqueued.clear()
    assert swept() == []
    look = EngineLook.objects.get()
    assert (look.engine, look.held, look.problem) == ("fake", 1, "")
    assert enqueued == []


def test_workspace_of_a_finished_test_is_an_orphan_with_a_grace_period(over, swept, engine):
    [orphan] = swept()
    assert (orphan.engine, orphan.name, orphan.interview_id, orphan.why) == (
        "fake",
        over.id,
        over.id,
        OrphanReason.OVER,
    )
    assert orphan.end_at - orphan.first_seen == pytest.approx(
        ORPHAN_GRACE_PERIOD, abs=timedelta(seconds=5)
    )
    assert engine.running == {over.id: {}}


def test_unknown_workspace_has_a_grace_period_of_a_day(left, swept):
    left("takehome-lost")
    [orphan] = swept()
    assert (orphan.why, orphan.interview_id) == (OrphanReason.UNKNOWN_INTERVIEW, "")
    wait = orphan.end_at - orphan.first_seen
    assert wait == pytest.approx(UNKNOWN_GRACE_PERIOD, abs=timedelta(seconds=5))


def test_orphan_is_recorded_once(over, swept):
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=False):
        [first] = swept()
    [again] = swept()
    assert (again.pk, again.first_seen, again.end_at) == (first.pk, first.first_seen, first.end_at)
    assert again.last_seen > first.last_seen


def test_only_due_orphans_are_dispatched(over, left, swept, enqueued):
    left("takehome-lost")
    first, _ = swept()
    make_due(first)
    enqueued.clear()
    swept()
    assert enqueued == [("operations.end_orphan", str(first.pk))]


def test_orphan_that_disappeared_is_deleted(over, swept, engine):
    swept()
    engine.running.clear()
    engine.disks.clear()
    assert swept() == []
    assert Orphan.objects.count() == 0


def test_orphan_recorded_by_a_concurrent_scan_is_kept(over, swept, engine):
    [orphan] = swept()
    whole = engine.list_owned

    def slow():
        found = [each for each in whole() if each.id != over.id]
        Orphan.objects.filter(pk=orphan.pk).update(last_seen=timezone.now() + timedelta(seconds=1))
        return found

    engine.list_owned = slow
    assert swept() == [orphan]


def test_leased_orphan_is_kept(over, swept, engine):
    swept()
    Orphan.objects.update(lease="x", lease_until=timezone.now() + timedelta(minutes=1))
    engine.running.clear()
    engine.disks.clear()
    assert len(swept()) == 1


def test_workspace_of_an_earlier_opening_is_an_orphan(over, swept):
    actions.reopen(over, 20, by="recruiter")
    row = run_until_idle(over)
    [orphan] = swept()
    assert (orphan.name, orphan.why) == (over.id, OrphanReason.OTHER_OPENING)
    assert row.workspace_name == f"{over.id}-2"


def test_workspace_with_a_pending_start_is_no_orphan(over, swept):
    models.Operation.queue(over.id, OperationType.CREATE, requested_by="candidate")
    assert swept() == []


def test_fault_14_an_engine_that_cannot_be_looked_at_sweeps_nothing(over, swept, use_engine):
    [before] = swept()
    use_engine(CannotList())
    assert swept() == [before]
    look = EngineLook.objects.get()
    assert look.problem == "The engine does not answer."
    assert (look.at is not None, look.held) == (True, 1)


def test_list_that_breaks_off_sweeps_nothing(over, swept, use_engine):
    [before] = swept()
    engine = use_engine(ListBreaksOff())
    engine.disks = {"a stranger's": {}, over.id: {}}
    assert swept() == [before]
    look = EngineLook.objects.get()
    assert (look.problem, look.held) == ("The second page doesn't come.", 1)


def test_workspace_on_a_page_that_does_not_come_is_not_missing(running, swept, use_engine):
    engine = use_engine(ListBreaksOff())
    engine.disks = {"a stranger's": {}, running.id: {}}
    assert swept() == []
    assert fresh(running).problem is None


@pytest.mark.parametrize("read", ["batch", "index"])
def test_fault_14_a_table_that_cannot_be_read_sweeps_nothing(over, swept, monkeypatch, read):
    def away(*args, **kwargs):
        raise GetError("throttled")

    if read == "batch":
        monkeypatch.setattr(Interview, "batch_get", away)
    else:
        monkeypatch.setattr(models, "list_operations", away)
    assert swept() == []
    assert EngineLook.objects.get().problem == "The database isn't responding."


def test_unconfigured_engine_does_not_block_others(over, swept, monkeypatch):
    def unconfigured():
        raise ImproperlyConfigured("Set BROKEN_HOST.")

    monkeypatch.setitem(provisioners.FACTORIES, "broken", unconfigured)
    monkeypatch.setattr(scan, "engines_to_scan", lambda: ["broken", "fake"])
    assert [orphan.engine for orphan in swept()] == ["fake"]
    problems = dict(EngineLook.objects.values_list("engine", "problem"))
    assert problems == {"broken": "Set BROKEN_HOST.", "fake": ""}


def test_unexpected_exception_is_logged_and_records_nothing(running, swept, use_engine, caplog):
    class Explodes(FakeProvisioner):
        def list_owned(self):
            raise ZeroDivisionError("a detail that is for the log only")

    use_engine(Explodes())
    assert swept() == []
    assert "a detail" not in EngineLook.objects.get().problem


def test_every_engine_that_was_ever_used_is_scanned(db, running, settings, monkeypatch):
    """Including engines that no longer run new interviews."""
    monkeypatch.setitem(provisioners.FACTORIES, "other", FakeProvisioner)
    settings.PROVISIONER = "other"
    assert scan.engines_to_scan() == ["fake", "other"]


def test_scan_costs_one_query_one_list_and_one_batch_read(invite, engine, swept, monkeypatch):
    for _ in range(3):
        runner.run_operation(actions.activate(invite(), by="candidate"))
    calls = []
    client = Interview._get_connection().connection.client
    make_api_call, list_owned = client._make_api_call, engine.list_owned

    def counted(name, *args):
        calls.append(name)
        return make_api_call(name, *args)

    def list_counted():
        calls.append("list_owned")
        return list_owned()

    monkeypatch.setattr(scan, "engines_to_scan", lambda: ["fake"])
    monkeypatch.setattr(client, "_make_api_call", counted)
    engine.list_owned = list_counted
    assert swept() == []
    assert calls == ["Query", "list_owned", "BatchGetItem"]


def test_scan_publishes_an_event(over, swept, stream):
    stream.entries.clear()
    swept()
    assert stream.events_named("workspaces") == [{}]


def test_old_ended_orphans_are_deleted(over, swept):
    swept()
    Orphan.objects.update(ended_at=timezone.now() - scan.LOG_RETENTION - timedelta(minutes=1))
    swept()
    assert Orphan.objects.filter(ended_at__lt=timezone.now()).count() == 0


def test_too_many_unknown_workspaces_need_confirmation(left, swept, enqueued):
    """The tables may be lost, or the workspaces belong to another deployment."""
    for number in range(MAX_UNKNOWN_PER_ENGINE + 1):
        left(f"takehome-{number}")
    orphans = swept()
    for orphan in orphans:
        make_due(orphan)
    enqueued.clear()
    swept()
    assert enqueued == []
    Orphan.objects.filter(pk=orphans[0].pk).update(ended_by="admin")
    swept()
    assert enqueued == [("operations.end_orphan", str(orphans[0].pk))]


def test_counts_are_by_engine_and_include_zero(over, swept, engine):
    EngineLook.objects.create(engine="other", at=timezone.now())
    assert orphan_counts() == {"fake": 0, "other": 0}
    swept()
    assert orphan_counts() == {"fake": 1, "other": 0}


def test_machines_of_the_last_scan_are_kept(running, swept, engine, use_engine):
    swept()
    assert EngineLook.objects.get().machines == []
    engine.machines = [Machine("build-1", MachineState.DRAINED, 2, 4.0, 1.5, 8192, 512)]
    swept()
    [stored] = EngineLook.objects.get().machines
    assert Machine(**stored) == engine.machines[0]
    # A scan that failed says nothing about them.
    use_engine(CannotList())
    swept()
    look = EngineLook.objects.get()
    assert look.problem and look.machines == [stored]

"""The sweep: what it notes, what it leaves alone, and what it says of what is missing."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pynamodb.exceptions import GetError

from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import (
    actions,
    health_watch,
    models,
    operation_log,
    provisioners,
)
from operations.reaper import classification, missing, scan
from operations.reaper.models import (
    GRACE,
    GRACE_OF_STRANGERS,
    MOST_STRANGERS,
    EngineLook,
    Orphan,
    OrphanReason,
    counts,
)
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import CannotList, FakeProvisioner, Forgets
from tests.orphans import make_due


@pytest.fixture
def over(over, left):
    """A test that is over, whose workspace came back afterwards."""
    left(over.id)
    return over


def test_what_is_needed_is_no_orphan(running, swept, enqueued):
    enqueued.clear()
    assert swept() == []
    look = EngineLook.objects.get()
    assert (look.engine, look.held, look.problem) == ("fake", 1, "")
    assert enqueued == []


def test_what_belongs_to_an_ended_test_is_noted_and_has_a_while(over, swept, engine):
    [orphan] = swept()
    assert (orphan.engine, orphan.name, orphan.interview_id, orphan.why) == (
        "fake",
        over.id,
        over.id,
        OrphanReason.OVER,
    )
    assert orphan.end_at - orphan.first_seen == pytest.approx(GRACE, abs=timedelta(seconds=5))
    assert engine.running == {over.id: {}}


def test_a_stranger_has_a_day(left, swept):
    left("takehome-lost")
    [orphan] = swept()
    assert (orphan.why, orphan.interview_id) == (OrphanReason.STRANGER, "")
    wait = orphan.end_at - orphan.first_seen
    assert wait == pytest.approx(GRACE_OF_STRANGERS, abs=timedelta(seconds=5))


def test_it_is_noted_once_however_often_it_is_seen(over, swept):
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=False):
        [first] = swept()
    [again] = swept()
    assert (again.pk, again.first_seen, again.end_at) == (first.pk, first.first_seen, first.end_at)
    assert again.last_seen > first.last_seen


def test_what_is_due_is_rung_for_and_nothing_else(over, left, swept, enqueued):
    left("takehome-lost")
    first, _ = swept()
    make_due(first)
    enqueued.clear()
    swept()
    assert enqueued == [("operations.end_orphan", str(first.pk))]


def test_what_went_by_itself_is_forgotten(over, swept, engine):
    swept()
    engine.running.clear()
    assert swept() == []
    assert Orphan.objects.count() == 0


def test_what_another_sweep_noted_meanwhile_is_not_forgotten(over, swept, engine):
    [orphan] = swept()
    whole = engine.list_owned

    def slow():
        found = [each for each in whole() if each.id != over.id]
        Orphan.objects.filter(pk=orphan.pk).update(last_seen=timezone.now() + timedelta(seconds=1))
        return found

    engine.list_owned = slow
    assert swept() == [orphan]


def test_what_a_worker_is_ending_is_not_forgotten(over, swept, engine):
    swept()
    Orphan.objects.update(lease="x", lease_until=timezone.now() + timedelta(minutes=1))
    engine.running.clear()
    assert len(swept()) == 1


def test_a_workspace_of_an_earlier_opening_is_an_orphan(over, swept):
    actions.reopen(over, 20, by="recruiter")
    row = run_until_idle(over)
    [orphan] = swept()
    assert (orphan.name, orphan.why) == (over.id, OrphanReason.OTHER_OPENING)
    assert row.workspace_name == f"{over.id}-2"


def test_while_a_start_waits_nothing_is_noted(over, swept):
    models.Operation.queue(over.id, models.OperationType.CREATE, requested_by="candidate")
    assert swept() == []


def test_fault_14_an_engine_that_cannot_be_looked_at_sweeps_nothing(over, swept, use_engine):
    [before] = swept()
    use_engine(CannotList())
    assert swept() == [before]
    look = EngineLook.objects.get()
    assert look.problem == "The engine does not answer."
    assert (look.at is not None, look.held) == (True, 1)


@pytest.mark.parametrize("read", ["batch", "index"])
def test_fault_14_a_table_that_cannot_be_read_sweeps_nothing(over, swept, monkeypatch, read):
    def away(*args, **more):
        raise GetError("throttled")

    if read == "batch":
        monkeypatch.setattr(Interview, "batch_get", away)
    else:
        monkeypatch.setattr(models, "of_interview", away)
    assert swept() == []
    assert EngineLook.objects.get().problem == "The tables do not answer."


def test_an_engine_that_is_not_configured_keeps_no_other_waiting(over, swept, monkeypatch):
    def unconfigured():
        raise ImproperlyConfigured("Set BROKEN_HOST.")

    monkeypatch.setitem(provisioners.FACTORIES, "broken", unconfigured)
    monkeypatch.setattr(scan, "engines", lambda: ["broken", "fake"])
    assert [orphan.engine for orphan in swept()] == ["fake"]
    problems = dict(EngineLook.objects.values_list("engine", "problem"))
    assert problems == {"broken": "Set BROKEN_HOST.", "fake": ""}


def test_an_engine_that_explodes_is_logged_and_sweeps_nothing(running, swept, use_engine, caplog):
    class Explodes(FakeProvisioner):
        def list_owned(self):
            raise ZeroDivisionError("a detail that is for the log only")

    use_engine(Explodes())
    assert swept() == []
    assert "a detail" not in EngineLook.objects.get().problem


def test_every_engine_that_was_ever_used_is_looked_at(db, running, settings, monkeypatch):
    """Also one that new interviews are no longer started on."""
    monkeypatch.setitem(provisioners.FACTORIES, "other", FakeProvisioner)
    settings.PROVISIONER = "other"
    assert scan.engines() == ["fake", "other"]


def test_the_cost_is_one_list_and_one_read_of_rows_and_no_scan(invite, engine, swept, monkeypatch):
    for _ in range(3):
        runner.run_operation(actions.activate(invite(), by="candidate"))
    asked = []
    client = Interview._get_connection().connection.client
    call, listed = client._make_api_call, engine.list_owned

    def counted(name, *args):
        asked.append(name)
        return call(name, *args)

    def list_counted():
        asked.append("list_owned")
        return listed()

    monkeypatch.setattr(scan, "engines", lambda: ["fake"])
    monkeypatch.setattr(client, "_make_api_call", counted)
    engine.list_owned = list_counted
    assert swept() == []
    assert asked == ["Query", "list_owned", "BatchGetItem"]


def test_pages_are_told(over, swept, stream):
    stream.entries.clear()
    swept()
    assert stream.said("workspaces") == [{}]


def test_old_ends_are_forgotten(over, swept):
    swept()
    Orphan.objects.update(ended_at=timezone.now() - scan.KEPT - timedelta(minutes=1))
    swept()
    assert Orphan.objects.filter(ended_at__lt=timezone.now()).count() == 0


def test_more_strangers_than_a_few_are_ended_only_by_hand(left, swept, enqueued):
    """The tables were lost, or these are another deployment's."""
    for number in range(MOST_STRANGERS + 1):
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


def test_counts_are_by_engine_and_none_is_said_too(over, swept, engine):
    EngineLook.objects.create(engine="other", at=timezone.now())
    assert counts() == {"fake": 0, "other": 0}
    swept()
    assert counts() == {"fake": 1, "other": 0}


# -- the other way round ---------------------------------------------------------------------------


@pytest.fixture
def forgetful(take_home, use_engine):
    """An engine from which somebody removed the workspace of a running test."""
    engine = use_engine(Forgets())
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=True):
        runner.run_operation(actions.activate(take_home, by="candidate"))
    engine.forget(take_home.id)
    return engine


def test_a_running_test_whose_workspace_is_gone_is_said_so_once(
    forgetful, take_home, swept, enqueued
):
    enqueued.clear()
    swept()
    row = fresh(take_home)
    assert (row.state, row.problem) == (Status.ACTIVE, missing.SENTENCE)
    assert enqueued == [("operations.look", row.id)]
    swept()
    said = [line.message for line in operation_log.lines(row.operation_id)]
    assert said.count(missing.SENTENCE) == 1


def test_a_workspace_that_was_removed_with_its_files_ends_as_an_error_that_staff_sees(
    forgetful, take_home, swept
):
    swept()
    health_watch.check_health(take_home.id)
    row = run_until_idle(take_home)
    assert operation_of(row).status == models.OperationStatus.FAILED
    assert (row.state, row.problem) == (Status.ACTIVE, "The workspace is not there any more.")
    assert row.paused_at is not None
    assert forgetful.running == {}
    swept()
    assert fresh(take_home).problem == "The workspace is not there any more."


def test_once_it_answers_again_nothing_is_wrong_any_more(forgetful, take_home, swept):
    swept()
    forgetful.disks[take_home.id] = {"count.py": b"print(2)\n"}
    health_watch.check_health(take_home.id)
    row = run_until_idle(take_home)
    assert (row.problem, row.failed_step, row.restarting) == (None, None, None)
    assert forgetful.running == {row.id: {"count.py": b"print(2)\n"}}


def test_a_false_alarm_is_over_with_the_next_look(running, engine, swept, monkeypatch):
    monkeypatch.setattr(engine, "list_owned", list)
    running.change(ready_at=running.ready_at - timedelta(minutes=1))
    swept()
    assert fresh(running).problem == missing.SENTENCE
    health_watch.check_health(running.id)
    assert fresh(running).problem is None
    assert operation_of(running).type == "create"


def test_what_became_ready_after_the_list_was_asked_for_is_not_missing(running, engine, swept):
    engine.list_owned = list
    running.change(ready_at=timezone.now() + timedelta(seconds=5))
    swept()
    assert fresh(running).problem is None


def test_one_that_is_being_started_again_is_not_missing(forgetful, take_home, swept):
    health_watch.check_health(take_home.id)
    swept()
    assert fresh(take_home).problem is None


def test_one_of_another_engine_is_not_missing_here(forgetful, take_home, swept):
    fresh(take_home).change(provisioner="other")
    swept()
    assert fresh(take_home).problem is None


def test_it_ended_while_it_was_looked_for(forgetful, take_home, swept, monkeypatch):
    whole = queries.ids_with_status

    def ended_then(status):
        found = list(whole(status))
        actions.revoke(fresh(take_home), by="recruiter")
        return iter(found)

    monkeypatch.setattr(queries, "ids_with_status", ended_then)
    swept()
    assert fresh(take_home).problem is None
    assert classification.classify(take_home.id, {take_home.id: fresh(take_home)}).why is None

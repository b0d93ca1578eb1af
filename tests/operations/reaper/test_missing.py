"""Running interviews whose workspace the engine lost: reported once, and checked at once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from interviews import queries
from interviews.lifecycle import Status
from operations import (
    actions,
    health_watch,
    lifecycle,
    operation_log,
)
from operations.reaper import classification, missing
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Forgets


@pytest.fixture
def forgetful(take_home, use_engine):
    """An engine that lost the workspace of a running test."""
    engine = use_engine(Forgets())
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=True):
        runner.run_operation(actions.activate(take_home, by="candidate"))
    engine.forget(take_home.id)
    return engine


def test_missing_workspace_is_reported_once(forgetful, take_home, swept, enqueued):
    enqueued.clear()
    swept()
    row = fresh(take_home)
    assert (row.state, row.problem) == (Status.ACTIVE, missing.MISSING_SENTENCE)
    assert enqueued == [("operations.look", row.id)]
    swept()
    log_lines = [line.message for line in operation_log.read_lines(row.operation_id)]
    assert log_lines.count(missing.MISSING_SENTENCE) == 1


def test_workspace_removed_with_its_files_is_an_error_for_staff(forgetful, take_home, swept):
    swept()
    health_watch.check_health(take_home.id)
    row = run_until_idle(take_home)
    assert operation_of(row).status == lifecycle.OperationStatus.FAILED
    assert (row.state, row.problem) == (Status.ACTIVE, "The workspace is gone.")
    assert row.paused_at is not None
    assert forgetful.running == {}
    swept()
    assert fresh(take_home).problem == "The workspace is gone."


def test_restarted_workspace_clears_the_problem(forgetful, take_home, swept):
    swept()
    forgetful.disks[take_home.id] = {"count.py": b"print(2)\n"}
    health_watch.check_health(take_home.id)
    row = run_until_idle(take_home)
    assert (row.problem, row.failed_step, row.restarting) == (None, None, None)
    assert forgetful.running == {row.id: {"count.py": b"print(2)\n"}}


def test_next_health_check_clears_a_false_alarm(running, engine, swept, monkeypatch):
    monkeypatch.setattr(engine, "list_owned", list)
    running.change(ready_at=running.ready_at - timedelta(minutes=1))
    swept()
    assert fresh(running).problem == missing.MISSING_SENTENCE
    health_watch.check_health(running.id)
    assert fresh(running).problem is None
    assert operation_of(running).type == "create"


def test_workspace_that_became_ready_after_the_scan_is_not_missing(running, engine, swept):
    engine.list_owned = list
    running.change(ready_at=timezone.now() + timedelta(seconds=5))
    swept()
    assert fresh(running).problem is None


def test_restarting_workspace_is_not_missing(forgetful, take_home, swept):
    health_watch.check_health(take_home.id)
    swept()
    assert fresh(take_home).problem is None


def test_workspace_of_another_engine_is_not_missing(forgetful, take_home, swept):
    fresh(take_home).change(provisioner="other")
    swept()
    assert fresh(take_home).problem is None


def test_interview_that_ends_during_the_scan_is_not_missing(
    forgetful, take_home, swept, monkeypatch
):
    whole = queries.ids_with_status

    def ended_then(status):
        found = list(whole(status))
        actions.revoke(fresh(take_home), by="recruiter")
        return iter(found)

    monkeypatch.setattr(queries, "ids_with_status", ended_then)
    swept()
    assert fresh(take_home).problem is None
    assert classification.classify(take_home.id, {take_home.id: fresh(take_home)}).reason is None

"""The end of a running test, and when it waits for a health check of the workspace."""

from datetime import timedelta

import pytest
import time_machine

from interviews.dynamodb import now
from operations import deadlines, health_watch, reconciler
from tests.conftest import fresh, operation_of, run_until_idle

pytestmark = pytest.mark.usefixtures("immediate_health_checks")


def test_each_unwatched_end_waits_for_its_own_health_check(running, enqueued, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
        running.change_time(auto_destroy_at=now() + timedelta(minutes=30))
        monkeypatch.setattr(deadlines, "HEALTH_CHECK_WAIT", 0.001)
    enqueued.clear()
    with time_machine.travel(fresh(running).auto_destroy_at + timedelta(minutes=2), tick=False):
        reconciler.run_due()
    assert enqueued == [("operations.look", running.id)]


def test_unwatched_end_waits_for_a_health_check(running, engine, enqueued):
    """The platform was down at the end, so the workspace may have been down, too."""
    engine.running.pop(running.id)
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        assert fresh(running).status == "active"
        assert ("operations.look", running.id) in enqueued
        health_watch.check_health(running.id)
        row = run_until_idle(running)
        assert row.auto_destroy_at == now() + timedelta(minutes=60)
        reconciler.run_due()
    assert fresh(running).status == "active"


def test_unwatched_end_comes_after_a_healthy_check(running):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        health_watch.check_health(running.id)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_unwatched_end_comes_after_a_minute_without_a_check(running, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        reconciler.run_due()
        monkeypatch.setattr(deadlines, "HEALTH_CHECK_WAIT", 0.0)
        reconciler.run_due()
    assert fresh(running).status == "destroying"


def test_end_comes_at_its_very_second(running):
    ends = running.auto_destroy_at
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        fresh(running).record_healthy()
        deadlines.end_overdue(fresh(running))
    assert fresh(running).status == "active"
    with time_machine.travel(ends, tick=False):
        deadlines.end_overdue(fresh(running))
    assert fresh(running).status == "destroying"
    assert (fresh(running).timeline[-1].by, operation_of(running).requested_by) == (
        "schedule",
        "schedule",
    )


@pytest.mark.parametrize(("unseen", "status"), [(89, "destroying"), (90, "active")])
def test_end_waits_only_if_the_workspace_was_unseen_for_90_seconds(running, unseen, status):
    ends = running.auto_destroy_at
    with time_machine.travel(ends - timedelta(seconds=unseen), tick=False):
        fresh(running).record_healthy()
    with time_machine.travel(ends, tick=False):
        deadlines.end_overdue(fresh(running))
    assert fresh(running).status == status


def test_end_does_not_wait_for_a_workspace_that_was_never_checked(running):
    """Rows of earlier versions say nothing about it."""
    running.change(last_healthy_at=None)
    with time_machine.travel(running.auto_destroy_at, tick=False):
        deadlines.end_overdue(fresh(running))
    assert fresh(running).status == "destroying"


def test_end_that_has_come_is_no_longer_remembered(running, monkeypatch):
    with time_machine.travel(running.auto_destroy_at + timedelta(minutes=10), tick=False):
        deadlines.end_overdue(fresh(running))
        assert len(deadlines._health_check_waits) == 1
        monkeypatch.setattr(deadlines, "HEALTH_CHECK_WAIT", 0.0)
        deadlines.end_overdue(fresh(running))
    assert fresh(running).status == "destroying"
    assert deadlines._health_check_waits == {}


def test_extension_at_the_same_time_as_the_end_wins(running, monkeypatch):
    late = fresh(running)
    late.record_healthy()
    with time_machine.travel(running.auto_destroy_at + timedelta(seconds=1), tick=False):
        fresh(running).record_healthy()
        late = fresh(running)
        fresh(running).change_time(auto_destroy_at=now() + timedelta(minutes=5))
        deadlines.end_overdue(late)
    assert fresh(running).status == "active"

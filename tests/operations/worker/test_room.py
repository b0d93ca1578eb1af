"""A start for which the engine has no room now: it waits, and is no failure of the engine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, models, operation_log
from operations.lifecycle import OperationStatus
from operations.practice import practices_of
from operations.queue import enqueue
from operations.worker import breaker, provision, runner, workspace_spec
from tests.conftest import fresh, operation_of
from tests.fakes import Crowded


@pytest.fixture
def crowded(use_engine: Callable[[Any], Any]) -> Crowded:
    """An engine that is full."""
    engine = Crowded()
    engine.room = 0
    use_engine(engine)
    return engine


def logged(interview: Interview) -> list[str]:
    operation = operation_of(interview)
    return [line.message for line in operation_log.read_lines(operation.id)]


def test_start_waits_for_room_and_then_goes_on(take_home: Interview, crowded: Crowded) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        operation_id = actions.activate(take_home, by="candidate")
        for _ in range(3):
            runner.run_operation(operation_id)
            assert fresh(take_home).state is Status.ACTIVATED
            operation = operation_of(take_home)
            assert operation.status == OperationStatus.PENDING
            assert operation.lease_owner is None and operation.failures == 0
            assert not list(models.due_operation_ids(OperationStatus.PENDING, now()))
            clock.shift(provision.ROOM_RETRY_DELAY)
            due = list(models.due_operation_ids(OperationStatus.PENDING, now()))
            assert due == [operation_id]
        # Said once, until it changes.
        assert logged(take_home) == [Crowded.REASON]
        assert operation_of(take_home).waiting_reason == Crowded.REASON
        assert not crowded.provisioned and not crowded.destroyed

        crowded.room = 1
        runner.run_operation(operation_id)
        row = fresh(take_home)
        assert (row.state, row.attempts) == (Status.ACTIVE, 1)


def test_room_is_asked_for_as_the_challenge_says(
    take_home: Interview, crowded: Crowded, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, float | None, int | None]] = []
    monkeypatch.setattr(crowded, "reserve", lambda *values: asked.append(values[:3]))
    for module in (provision, workspace_spec):
        monkeypatch.setattr(module, "limits_of", lambda version: (1.5, 512))
    runner.run_operation(actions.activate(take_home, by="candidate"))
    assert asked[0] == (take_home.workspace_name, 1.5, 512)
    assert (crowded.specs[0].cpus, crowded.specs[0].memory_mb) == (1.5, 512)


def test_start_fails_with_the_reason_when_patience_is_over(
    take_home: Interview, crowded: Crowded, redis: Any
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        operation_id = actions.activate(take_home, by="candidate")
        tries = 0
        while operation_of(take_home).is_unfinished:
            tries += 1
            assert tries < 100
            runner.run_operation(operation_id)
            clock.shift(provision.ROOM_RETRY_DELAY)
    row = fresh(take_home)
    assert (row.state, row.problem) == (Status.ERROR, Crowded.REASON)
    assert tries == crowded.patience // provision.ROOM_RETRY_DELAY + 1
    # Nothing was tried, so it is none of the candidate's attempts, and nothing had to be removed.
    assert row.attempts == 0 and not crowded.destroyed
    assert breaker.open_breakers() == []


def test_restart_waits_for_room_on_the_machine_of_its_files(
    take_home: Interview, crowded: Crowded
) -> None:
    crowded.room = 1
    runner.run_operation(actions.activate(take_home, by="candidate"))
    crowded.room = 0
    interview = fresh(take_home)
    with time_machine.travel(now(), tick=False) as clock:
        operation_id = enqueue.restart_workspace(interview)
        assert operation_id is not None
        runner.run_operation(operation_id)
        row = fresh(take_home)
        assert row.state is Status.ACTIVE and row.problem is None
        assert operation_of(row).status == OperationStatus.PENDING
        crowded.room = 1
        clock.shift(provision.ROOM_RETRY_DELAY)
        runner.run_operation(operation_id)
        assert operation_of(row).status == OperationStatus.COMPLETED
        assert crowded.destroyed == []

        crowded.room = 0
        again = enqueue.restart_workspace(fresh(take_home))
        assert again is not None
        runner.run_operation(again)
        clock.shift(crowded.patience + timedelta(seconds=1))
        runner.run_operation(again)
    row = fresh(take_home)
    # The next health check restarts it again; its files are where they were.
    assert (row.state, row.problem) == (Status.ACTIVE, Crowded.REASON)
    assert operation_of(row).status == OperationStatus.FAILED
    assert crowded.destroyed == []


def test_practice_workspace_does_not_wait(take_home: Interview, crowded: Crowded) -> None:
    actions.start_practice(take_home)
    [practice] = practices_of(take_home.id)
    runner.run_operation(operation_of(practice).id)
    assert fresh(practice).state is Status.ERROR
    assert not crowded.provisioned

"""The line of an engine that is full before its limit is reached, as its machines are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, reconciler
from operations.admission import gate, line
from operations.admission.models import places_taken
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Crowded
from tests.operations.admission.conftest import line_of, look, press_start, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(use_engine: Callable[[Any], Any]) -> Crowded:
    """An engine with room for one workspace, of three that its limit allows."""
    engine = Crowded()
    engine.room = 1
    use_engine(engine)
    return engine


@pytest.fixture
def tests(started: Callable[[int, int], list[Interview]]) -> list[Interview]:
    """One test that runs and two for which there is no room."""
    return started(3, 3)


def end(interview: Interview) -> None:
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)


def test_who_finds_no_room_waits_in_line(tests: list[Interview]) -> None:
    assert statuses(*tests) == ["active", "activated", "activated"]
    assert line_of() == [tests[1].id, tests[2].id]
    assert places_taken("fake").count() == 1
    operation = operation_of(tests[1])
    assert (operation.status, operation.waiting_reason) == ("pending", Crowded.REASON)
    assert operation.started_at is None and operation.admitted_at is None
    assert operation.attempts == 0
    assert now() < operation.due_at <= now() + gate.LOOK_AGAIN_AFTER


def test_first_in_line_starts_when_one_ends(tests: list[Interview]) -> None:
    end(tests[0])
    assert look(tests[1]).state is Status.ACTIVE
    assert look(tests[2]).state is Status.ACTIVATED
    assert line_of() == [tests[2].id]
    row = fresh(tests[1])
    assert row.attempts == 1 and not row.problem


def test_nobody_goes_before_who_waits_for_room(
    tests: list[Interview], engine: Crowded, invite: Callable[[], Interview]
) -> None:
    engine.room = 2
    newcomer = invite()
    # There is room now, which nobody knows yet: who comes now is no sooner than who waits.
    assert press_start(newcomer).state is Status.ACTIVATED
    assert line_of() == [tests[1].id, tests[2].id, newcomer.id]


def test_engine_is_asked_again_after_a_while_alone(
    tests: list[Interview], engine: Crowded, enqueued: list[tuple[str, str]]
) -> None:
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    engine.room = 3
    with time_machine.travel(now() + line.FULL_FOR + timedelta(seconds=1), tick=False):
        reconciler.run_due()
        assert places_taken("fake").count() == 3
        assert [look(each).state for each in tests[1:]] == [Status.ACTIVE] * 2
    assert line_of() == []


def test_who_waits_for_room_does_not_fail(tests: list[Interview], engine: Crowded) -> None:
    later = now() + 3 * engine.patience
    with time_machine.travel(later, tick=False):
        reconciler.run_due()
        assert [look(each).state for each in tests[1:]] == [Status.ACTIVATED] * 2
    assert line_of() == [tests[1].id, tests[2].id]

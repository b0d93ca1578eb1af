"""The line while starts are refused, because those before them failed."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions, reconciler
from operations.admission import line
from operations.admission.models import Admission, places_taken
from operations.practice import practices_of
from operations.worker import breaker
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.admission.conftest import line_of, look, statuses
from tests.operations.worker.test_breaker import end_pause

pytestmark = pytest.mark.django_db


def pause(interview) -> None:
    for _ in range(breaker.FAILURES_TO_OPEN):
        breaker.record_failure(interview, "No.")


def end(interview) -> None:
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)


@pytest.fixture
def tests(started, redis):
    """One test that runs and three that wait, while starts are paused."""
    tests = started(1, 4)
    pause(tests[0])
    return tests


def test_who_is_in_line_stays_there(tests, enqueued):
    end(tests[0])
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == []
    for each in tests[1:]:
        assert look(each).state is Status.ACTIVATED
    assert line_of() == [each.id for each in tests[1:]]
    assert not places_taken("fake").exists()


def test_after_the_pause_the_first_is_the_trial(tests, set_limit, redis):
    set_limit(2)
    end(tests[0])
    end_pause(redis)
    reconciler.run_due()
    assert places_taken("fake").count() == 2
    # The other one comes first, and then this one is refused.
    assert look(tests[2]).state is Status.ACTIVE
    assert breaker.open_breakers() == []
    assert look(tests[1]).state is Status.ACTIVE


def test_one_that_was_admitted_too_goes_back_to_its_place(tests, set_limit, redis, stream):
    set_limit(2)
    end(tests[0])
    end_pause(redis)
    reconciler.run_due()
    pause(tests[0])
    stream.entries.clear()
    assert look(tests[1]).state is Status.ACTIVATED
    assert line_of() == [tests[1].id, tests[3].id]
    assert stream.events_named("interview")[0]["queue"] == {"place": 1}
    operation = operation_of(tests[1])
    assert (operation.status, operation.attempts, operation.lease_owner) == ("pending", 0, None)
    assert (operation.started_at, operation.admitted_at) == (None, None)
    assert now() < operation.due_at <= now() + timedelta(seconds=30)
    assert fresh(tests[1]).attempts == 1


def test_others_go_before_those_that_may_not_start(tests, invite, set_limit, redis, monkeypatch):
    monkeypatch.setattr(
        breaker, "paused_ids", lambda interviews: {each.id for each in interviews} & {tests[1].id}
    )
    end(tests[0])
    assert [row.interview_id for row in places_taken("fake")] == [tests[2].id]
    assert line_of() == [tests[1].id, tests[3].id]


def test_a_start_by_staff_is_not_held_back(tests, schedule):
    live = schedule()
    actions.activate(live, by="recruiter")
    look(live)
    end(tests[0])
    assert look(live).state is Status.ACTIVE
    assert statuses(*tests[1:]) == ["activated"] * 3


def test_without_redis_nobody_is_held_back(tests, monkeypatch):
    from redis import RedisError

    def fail():
        raise RedisError

    monkeypatch.setattr(breaker, "_client", fail)
    assert breaker.paused_ids([tests[1]]) == set()


def test_a_practice_workspace_is_refused_at_once(invite, engine, set_limit, redis):
    set_limit(1)
    test = invite()
    breaker._open(breaker.Subject(breaker.SubjectKind.ENGINE, "fake"), 3, "No.")
    actions.start_practice(test)
    (practice,) = practices_of(test.id)
    assert look(practice).state is Status.ERROR
    assert not Admission.objects.exists()


def test_without_the_sql_database_it_keeps_its_place(tests, monkeypatch):
    from django.db import OperationalError

    def fail(_):
        raise OperationalError

    monkeypatch.setattr(line, "locked", fail)
    line.take_back(operation_of(tests[0]).id)
    assert places_taken("fake").count() == 1

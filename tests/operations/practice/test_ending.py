"""How a practice workspace ends: never later than its time, and never in the way of the test."""

from datetime import timedelta

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, EndReason, Status
from interviews.models import Interview
from operations import actions, deadlines, health_watch, models, practice, reconciler, retention
from operations.models import Operation
from operations.queue import enqueue
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.practice.conftest import ended

pytestmark = pytest.mark.usefixtures("immediate_health_checks")


def test_its_candidate_ends_it_and_nothing_is_saved(take_home, practising, engine, files):
    actions.end_practice(take_home)
    row = ended(practising)
    assert (row.state, row.history_s3_key) == (Status.COMPLETED, None)
    assert (row.password, row.access_url) == (None, None)
    assert engine.destroyed == [practising.id]
    assert engine.starting_paths == []  # nothing was exported
    assert not list(files.rglob("*.tar.gz"))


def test_it_ends_when_its_time_is_up(practising, engine):
    with time_machine.travel(practising.auto_destroy_at - timedelta(seconds=2)):
        reconciler.run_due()
        assert fresh(practising).state is Status.ACTIVE
    # No worker looked at it for minutes, which a test would get back.
    with time_machine.travel(practising.auto_destroy_at + timedelta(seconds=1)):
        reconciler.run_due()
        assert ended(practising).state is Status.COMPLETED
    assert engine.running == {}


def test_an_outage_does_not_make_it_longer(practising, engine):
    engine.running.clear()
    health_watch.check_health(practising.id)
    row = fresh(practising)
    assert (row.paused_at, row.restarting) == (None, True)
    assert row.auto_destroy_at == practising.auto_destroy_at
    assert run_until_idle(row).state is Status.ACTIVE
    assert practising.id in engine.running


def test_the_start_of_the_test_ends_it_and_does_not_wait(take_home, practising, engine):
    runner.run_operation(actions.activate(take_home, by="candidate"))
    # The test runs although no worker has ended the other one yet.
    assert fresh(take_home).state is Status.ACTIVE
    assert set(engine.running) == {take_home.id, practising.id}
    ended(practising)
    assert set(engine.running) == {take_home.id}


def test_the_start_of_a_live_interview_ends_it(schedule, practise):
    interview = schedule()
    row = practise(interview)
    with time_machine.travel(interview.due_at + timedelta(seconds=1)):
        reconciler.run_due()
        assert run_until_idle(interview).state is Status.ACTIVE
        ended(row)


def test_one_that_is_asked_for_as_the_test_starts_ends_itself(take_home, engine):
    actions.start_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    start = operation_of(row)
    # Its worker comes after that of the test, which did not see the row.
    fresh(take_home).move_to(Status.ACTIVATED, by="candidate")
    runner.run_operation(start.id)
    assert engine.provisioned == []
    ended(row)
    assert models.get_operation(start.id).status == "cancelled"


def test_one_that_is_starting_ends_with_the_start_of_the_test(take_home, engine):
    actions.start_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    runner.run_operation(actions.activate(fresh(take_home), by="candidate"))
    ended(row)
    assert set(engine.running) == {take_home.id}


def test_a_test_that_ends_before_its_worker_came_ends_it_too(take_home, practising):
    actions.activate(take_home, by="candidate")
    actions.end(fresh(take_home), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert fresh(practising).state is Status.ACTIVE
    run_until_idle(take_home)
    ended(practising)


def test_withdrawing_ends_it(take_home, practising):
    actions.revoke(fresh(take_home), by="recruiter")
    assert fresh(take_home).state is Status.REVOKED
    ended(practising)


def test_expiry_ends_it(take_home, practising):
    with time_machine.travel(take_home.valid_until + timedelta(seconds=1)):
        actions.expire(fresh(take_home))
    ended(practising)


def test_a_missed_interview_ends_it(schedule, practise):
    interview = schedule()
    row = practise(interview)
    with time_machine.travel(interview.scheduled_at + interview.length):
        actions.start_scheduled(fresh(interview))
        assert fresh(interview).end_reason == EndReason.MISSED
        ended(row)


def test_one_that_was_never_queued_is_cancelled(take_home, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(enqueue, "queue_provisioning", lambda *_, **__: exec("raise OSError"))
        with pytest.raises(OSError):
            actions.start_practice(take_home)
    actions.end_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    assert row.state is Status.CANCELLED


def test_one_that_failed_ends_too(take_home, practising, engine):
    fail_start(practising)
    actions.end_practice(take_home)
    assert ended(practising).state is Status.COMPLETED


def fail_start(row):
    row.update(actions=[Interview.status.set(Status.ERROR.value)])


def test_a_start_that_hangs_ends(take_home, engine):
    actions.start_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    assert row.state in PROVISIONING
    with time_machine.travel(row.auto_destroy_at + timedelta(seconds=1)):
        deadlines.end_overdue(fresh(row))
        assert fresh(row).state is Status.ERROR


@pytest.mark.django_db
def test_it_is_deleted_with_its_interview(take_home, practising):
    actions.end_practice(take_home)
    ended(practising)
    actions.revoke(fresh(take_home), by="recruiter")
    retention.delete_interview(fresh(take_home), by="recruiter")
    assert list(Interview.scan()) == []
    assert list(Operation.scan()) == []


@pytest.mark.django_db
def test_one_that_is_still_ending_is_deleted_afterwards(take_home, practising, engine):
    actions.revoke(fresh(take_home), by="recruiter")
    retention.delete_interview(fresh(take_home), by="recruiter")
    retention.delete_left_practices()
    ended(practising)
    assert engine.running == {}
    retention.delete_left_practices()
    assert list(Interview.scan()) == []
    assert list(Operation.scan()) == []


def test_that_of_an_interview_that_is_kept_is_kept(take_home, practising):
    actions.end_practice(take_home)
    ended(practising)
    retention.delete_left_practices()
    [row] = practice.practices_of(take_home.id)
    # As long as an invitation that is not started yet can be.
    assert row.ttl - now() > timedelta(days=90 + 30)

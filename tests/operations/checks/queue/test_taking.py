"""Runs are taken once and in order, also from workers that died."""

from datetime import timedelta

import pytest
from django.db import connection

from interviews.dynamodb import now
from operations.checks import actions, queue
from operations.checks.models import CheckResult, CheckRun, RunReason, RunState, Subject
from operations.checks.queue import MAX_ATTEMPTS, RunLeaseLostError
from operations.webhooks.models import Delivery
from tests.dashboard.webhooks import make_webhook
from tests.operations.checks.queue.runs import queued, result

pytestmark = pytest.mark.django_db


def let_lease_end(run: CheckRun) -> None:
    CheckRun.objects.filter(pk=run.pk).update(lease_until=now() - timedelta(seconds=1))


def test_a_run_is_taken_once_and_in_order(settings, stream, enqueued) -> None:
    settings.CHECKS_AT_ONCE = 5
    first, second = queued("a"), queued("b")
    assert enqueued == [("operations.run_checks", str(each.pk)) for each in (first, second)]
    taken = [queue.acquire_run(), queue.acquire_run(), queue.acquire_run()]
    assert [run and run.pk for run in taken] == [first.pk, second.pk, None]
    assert [event["challengeId"] for event in stream.events_named("checks")] == ["a", "b", "a", "b"]


def test_no_more_runs_than_may_are_taken(settings) -> None:
    settings.CHECKS_AT_ONCE = 2
    for name in "abc":
        queued(name)
    first = queue.acquire_run()
    assert first is not None
    assert queue.acquire_run() is not None
    assert queue.acquire_run() is None
    queue.finish(first, [result(first)])
    third = queue.acquire_run()
    assert third is not None
    assert third.challenge_id == "c"


def test_with_none_at_once_all_wait(settings) -> None:
    settings.CHECKS_AT_ONCE = 0
    queued()
    assert queue.acquire_run() is None


def test_the_same_is_not_queued_twice(settings) -> None:
    run, is_new = queue.queue_run(Subject.STARTING, "a", 1)
    assert is_new
    assert queue.queue_run(Subject.STARTING, "a", 1) == (run, False)
    assert queue.queue_run(Subject.STARTING, "a", 2)[1]
    assert queue.queue_run(Subject.SOLUTION, "a", 1)[1]
    taken = queue.acquire_run()
    assert taken == run
    assert not queue.queue_run(Subject.STARTING, "a", 1)[1]
    queue.finish(taken, [])
    assert queue.queue_run(Subject.STARTING, "a", 1)[1]


def test_an_automatic_run_is_queued_once_for_ever() -> None:
    run, _ = queue.queue_run(Subject.SUBMISSION, "a", 1, interview_id="i", automatic_key="k")
    CheckRun.objects.update(state=RunState.FINISHED)
    again = queue.queue_run(Subject.SUBMISSION, "a", 1, interview_id="i", automatic_key="k")
    assert again[0].pk == run.pk
    assert not again[1]


def test_an_automatic_run_that_somebody_asks_for_before_is_not_queued_again(submitted) -> None:
    asked = actions.run_again(submitted, by="ada")
    actions.queue_after_end(submitted)
    taken = queue.acquire_run()
    assert taken == asked
    queue.finish(taken, [])
    actions.queue_after_end(submitted)
    run = CheckRun.objects.get()
    assert (run.requested_by, run.automatic_key) == ("ada", submitted.history_s3_key)


def test_a_run_whose_worker_died_is_taken_over() -> None:
    queued()
    dead = queue.acquire_run()
    assert dead is not None
    assert queue.acquire_run() is None
    let_lease_end(dead)
    alive = queue.acquire_run()
    assert alive is not None
    assert (alive.pk, alive.attempts) == (dead.pk, 2)
    # The first one was only slow: what it found is not written.
    assert not queue.renew(dead)
    with pytest.raises(RunLeaseLostError):
        queue.finish(dead, [result(dead, passed=5)])
    queue.fail(dead, RunReason.ENGINE)
    queue.release(dead)
    queue.retry_or_fail(dead, RunReason.ENGINE)
    assert not CheckResult.objects.exists()
    assert queue.renew(alive)
    queue.finish(alive, [result(alive)])
    done = CheckRun.objects.get()
    assert (done.state, done.passed, done.total, done.slot) == (RunState.FINISHED, 3, 5, None)
    assert CheckResult.objects.count() == 1


def test_a_worker_that_stood_still_after_it_took_a_run_has_its_own_lease_alone() -> None:
    """By then another has the run: with its lease, both would write the end."""
    queued()
    others: list[CheckRun | None] = []

    def stand_still(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and "started_at" in sql and not others:
            others.append(None)
            CheckRun.objects.update(lease_until=now() - timedelta(seconds=1))
            others.append(queue.acquire_run())
        return result

    with connection.execute_wrapper(stand_still):
        late = queue.acquire_run()
    other = others[-1]
    assert late is not None
    assert other is not None
    assert (late.attempts, other.attempts) == (1, 2)
    assert (queue.renew(late), queue.renew(other)) == (False, True)


@pytest.mark.parametrize("dies", ["one", "two"])
def test_places_of_dead_workers_are_free_for_the_oldest_run(settings, dies: str) -> None:
    """It waited after a failed attempt, and others that were queued later got the places."""
    settings.CHECKS_AT_ONCE = 2
    queued("a")
    oldest = queue.acquire_run()
    assert oldest is not None
    queue.retry_or_fail(oldest, RunReason.ENGINE)
    for name in "bc":
        queued(name)
    dead, other = queue.acquire_run(), queue.acquire_run()
    assert dead is not None
    assert other is not None
    for each in (dead, other) if dies == "two" else (dead,):
        let_lease_end(each)
    CheckRun.objects.filter(pk=oldest.pk).update(due_at=now())
    taken = queue.acquire_run()
    assert taken is not None
    assert taken.pk == oldest.pk
    # The dead one's place is another's now: if it was only slow, it must stop.
    assert not queue.renew(dead)
    assert queue.renew(other) is (dies == "one")


def test_a_run_that_kills_its_workers_ends() -> None:
    queued()
    for _ in range(MAX_ATTEMPTS):
        run = queue.acquire_run()
        assert run is not None
        let_lease_end(run)
    assert queue.acquire_run() is None
    ended = CheckRun.objects.get()
    assert (ended.state, ended.reason) == (RunState.FAILED, RunReason.INTERRUPTED)
    assert ended.slot is None


def test_a_failed_attempt_is_tried_again_later() -> None:
    queued()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        run = queue.acquire_run()
        assert run is not None
        assert run.attempts == attempt
        queue.retry_or_fail(run, RunReason.ENGINE, "No engine responds.")
        assert queue.acquire_run() is None
        CheckRun.objects.update(due_at=now())
    ended = CheckRun.objects.get()
    assert (ended.state, ended.detail) == (RunState.FAILED, "No engine responds.")


def test_a_run_that_is_given_back_was_no_attempt() -> None:
    queued()
    for _ in range(MAX_ATTEMPTS + 1):
        run = queue.acquire_run()
        assert run is not None
        assert run.attempts == 1
        queue.release(run)


def test_results_are_written_with_the_end_or_not_at_all(monkeypatch) -> None:
    queued()
    run = queue.acquire_run()
    assert run is not None
    with pytest.raises(Exception, match="UNIQUE"):
        queue.finish(run, [result(run), result(run)])
    assert CheckRun.objects.get().state == RunState.RUNNING
    assert not CheckResult.objects.exists()


def test_the_webhooks_hear_of_each_end_once(submitted) -> None:
    webhook = make_webhook(sends_reviews=True, sends_name=True)
    make_webhook(sends_reviews=False)
    make_webhook(sends_reviews=True, types=["live"])
    run = actions.run_again(submitted, by="ada")
    taken = queue.acquire_run()
    assert taken is not None
    queue.finish(taken, [result(taken)])
    (delivery,) = Delivery.objects.filter(event="checks.finished")
    assert delivery.webhook_id == webhook.pk
    assert f'"runId":"{run.pk}","state":"finished"' in delivery.body
    assert '"challengeVersion":2,"passed":3,"total":5' in delivery.body

"""The queue of runs: nothing is lost, nothing is done twice, and no more run than may."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interviews.dynamodb import now
from operations import retention
from operations.checks import actions, queue
from operations.checks.cleanup import KEPT_TRIALS
from operations.checks.models import CheckResult, CheckRun, RunReason, RunState, Subject
from operations.checks.queue import MAX_ATTEMPTS, RunLeaseLostError
from operations.exceptions import InvalidInputError, WrongStateError
from operations.webhooks.models import Delivery
from tests.dashboard.webhooks import make_webhook

pytestmark = pytest.mark.django_db


def queued(name: str = "a", **values) -> CheckRun:
    return queue.queue_run(Subject.STARTING, name, 1, **values)[0]


def let_lease_end(run: CheckRun) -> None:
    CheckRun.objects.filter(pk=run.pk).update(lease_until=now() - timedelta(seconds=1))


def result(run: CheckRun, passed: int = 3, total: int = 5) -> CheckResult:
    return CheckResult(
        run=run, position=0, name="A", is_visible=False, seconds=1, passed=passed, total=total
    )


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


def test_a_trial_is_nobodys(submitted) -> None:
    make_webhook(sends_reviews=True)
    queued()
    taken = queue.acquire_run()
    assert taken is not None
    queue.finish(taken, [result(taken)])
    assert not Delivery.objects.exists()


def test_the_end_of_an_interview_queues_its_checks_once_an_archive(submitted) -> None:
    actions.queue_after_end(submitted)
    actions.queue_after_end(submitted)
    run = CheckRun.objects.get()
    assert (run.interview_id, run.version, run.subject) == (submitted.id, 2, "submission")
    assert (run.archive_key, run.requested_by) == (submitted.history_s3_key, "")
    taken = queue.acquire_run()
    assert taken is not None
    queue.finish(taken, [result(taken)])
    # The relay of changes died before it removed its mark.
    actions.queue_after_end(submitted)
    assert CheckRun.objects.count() == 1
    submitted.history_s3_key = "archives/later.tar.gz"
    actions.queue_after_end(submitted)
    assert CheckRun.objects.count() == 2


def test_what_has_no_files_or_no_checks_is_not_queued(submitted, invite, challenge) -> None:
    submitted.history_s3_key = None
    actions.queue_after_end(submitted)
    submitted.history_s3_key = "archives/a.tar.gz"
    submitted.challenge_version = 1
    actions.queue_after_end(submitted)
    submitted.challenge_version = None
    actions.queue_after_end(submitted)
    actions.queue_after_end(invite())
    assert not CheckRun.objects.exists()


def test_checks_of_a_newer_version_run_by_hand(submitted) -> None:
    submitted.challenge_version = 1
    # The version of the interview has none, and so those of the current one are meant.
    assert actions.run_again(submitted, by="ada").version == 2
    assert actions.run_again(submitted, by="ada", number=2).requested_by == "ada"
    for number in (1, 3):
        with pytest.raises(InvalidInputError):
            actions.run_again(submitted, by="ada", number=number)


def test_what_is_not_saved_is_not_checked(checked, invite) -> None:
    with pytest.raises(WrongStateError):
        actions.run_again(invite(), by="ada")


def test_all_submissions_of_a_challenge_at_once(submitted, invite) -> None:
    invite()
    started = actions.run_all("word-count", by="ada")
    assert [run.interview_id for run in started.queued] == [submitted.id]
    assert started.unfinished == 0
    assert started.queued[0].batch is not None


def test_all_at_once_are_run_in_order_and_take_few_statements(settings, stream, enqueued) -> None:
    settings.CHECKS_AT_ONCE = 2
    archives = {f"takehome-{number}": f"{number}.tar.gz" for number in range(500, 0, -1)}
    # SQLite takes some 40 rows in a statement.
    with CaptureQueriesContext(connection) as few:
        queue.queue_for_all("a", 1, dict(list(archives.items())[:10]), by="ada")
    with CaptureQueriesContext(connection) as many:
        runs = queue.queue_for_all("b", 1, archives, by="ada")
    assert len(many) - len(few) <= 500 // 40
    assert [run.interview_id for run in runs] == list(archives)
    taken = [queue.acquire_run() for _ in range(2)]
    assert [run.interview_id for run in taken if run] == ["takehome-500", "takehome-499"]
    # Each page is told, and as many workers as may run.
    assert len(stream.events_named("checks")) == 10 + 500 + 2
    assert len(enqueued) == 4


def test_all_at_once_leaves_out_what_is_queued_or_running(checked) -> None:
    archives = {"one": "1.tar.gz", "two": "2.tar.gz", "three": "3.tar.gz"}
    for name in ("one", "two"):
        queue.queue_for_all("a", 1, {name: archives[name]}, by="ada")
    running = queue.acquire_run()
    assert running is not None
    assert running.interview_id == "one"
    runs = queue.queue_for_all("a", 1, archives, by="ada")
    assert [run.interview_id for run in runs] == ["three"]
    assert queue.queue_for_all("a", 1, archives, by="ada") == []
    # Other checks, another archive, and what is over are something else.
    assert len(queue.queue_for_all("a", 2, archives, by="ada")) == 3
    assert len(queue.queue_for_all("a", 1, {"one": "later.tar.gz"}, by="ada")) == 1
    queue.finish(running, [])
    assert [run.interview_id for run in queue.queue_for_all("a", 1, archives, by="ada")] == ["one"]


def test_a_version_keeps_its_newest_trials(checked) -> None:
    queue.queue_run(Subject.SOLUTION, "word-count", 2, automatic_key="solution of word-count 2")
    CheckRun.objects.update(state=RunState.FAILED)
    others = [queue.queue_run(Subject.STARTING, "word-count", 1)[0]]
    finished = []
    for _ in range(KEPT_TRIALS + 3):
        runs = actions.start_trial("word-count", 2, by="ada")
        for run in runs:
            CheckRun.objects.filter(pk=run.pk).update(state=RunState.FINISHED)
            CheckResult.objects.bulk_create([result(run)])
        finished.append(runs)
    for _ in range(KEPT_TRIALS + 3):
        # None of these takes the place of one that finished.
        for run in actions.start_trial("word-count", 2, by="ada"):
            CheckRun.objects.filter(pk=run.pk).update(state=RunState.FAILED)
    last = actions.start_trial("word-count", 2, by="ada")
    for subject in (Subject.SOLUTION, Subject.STARTING):
        kept = CheckRun.objects.filter(challenge_id="word-count", version=2, subject=subject)
        found = kept.filter(automatic_key=None)
        newest = [run.pk for runs in finished[-KEPT_TRIALS:] for run in runs]
        of_subject = found.filter(state=RunState.FINISHED, pk__in=newest)
        assert of_subject.count() == found.filter(state=RunState.FINISHED).count() == KEPT_TRIALS
        assert found.filter(state=RunState.FAILED).count() == KEPT_TRIALS
    assert {run.pk for run in (*last, *others)} <= set(
        CheckRun.objects.values_list("pk", flat=True)
    )
    assert CheckRun.objects.exclude(automatic_key=None).count() == 1
    assert CheckResult.objects.count() == 2 * KEPT_TRIALS


def test_a_trial_of_a_version(checked) -> None:
    runs = actions.start_trial("word-count", 2, by="ada")
    assert [run.subject for run in runs] == ["solution", "starting"]
    for challenge_id, number in (("word-count", 1), ("nothing", 2)):
        with pytest.raises(InvalidInputError):
            actions.start_trial(challenge_id, number, by="ada")


def test_runs_are_deleted_with_their_interview(submitted) -> None:
    actions.run_again(submitted, by="ada")
    taken = queue.acquire_run()
    assert taken is not None
    deleted = retention.delete_interview(submitted, by="ada")
    assert deleted.check_runs == 1
    assert not CheckRun.objects.exists()
    # Its worker, which runs on, writes nothing any more.
    assert not queue.renew(taken)
    with pytest.raises(RunLeaseLostError):
        queue.finish(taken, [result(taken)])
    with pytest.raises(WrongStateError):
        actions.run_again(submitted, by="ada")
    assert not CheckRun.objects.exists()


def test_two_workers_never_have_one_slot(settings, monkeypatch) -> None:
    """The second worker reads the slots before the first one takes one."""
    settings.CHECKS_AT_ONCE = 1
    queued("a")
    second = queued("b")
    others: list[uuid.UUID] = []

    class Tokens:
        @staticmethod
        def uuid4() -> uuid.UUID:
            if not others:
                others.append(second.pk)
                CheckRun.objects.filter(pk=second.pk).update(
                    state=RunState.RUNNING, slot=0, lease_until=now() + timedelta(minutes=1)
                )
            return uuid.uuid4()

    monkeypatch.setattr(queue, "uuid", Tokens)
    assert queue.acquire_run() is None
    assert others
    assert CheckRun.objects.filter(state=RunState.RUNNING).count() == 1

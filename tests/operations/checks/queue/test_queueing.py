"""Which runs are queued, and when."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interviews.dynamodb import now
from operations import retention
from operations.checks import actions, queue
from operations.checks.cleanup import KEPT_TRIALS
from operations.checks.models import CheckResult, CheckRun, RunState, Subject
from operations.checks.queue import RunLeaseLostError
from operations.exceptions import InvalidInputError, WrongStateError
from operations.webhooks.models import Delivery
from tests.dashboard.webhooks import make_webhook
from tests.operations.checks.queue.runs import queued, result

pytestmark = pytest.mark.django_db


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

"""Trials that nobody asks for, and what they mean for runs of before."""

from functools import partial

import pytest
from django.db.models import F

from interviews.challenges import library
from interviews.challenges.checks.manifest import SOLUTION
from interviews.challenges.starting_files import StartingFiles
from operations.actions.challenges import save_challenge
from operations.checks import actions, executor, places, queue, trials
from operations.checks.models import (
    UNFINISHED,
    CheckRun,
    Problem,
    RunReason,
    RunState,
    Subject,
)
from operations.checks.results import stored_tests
from operations.checks.summary import summaries
from tests.checking import CHECK_FILES, case, outcome

pytestmark = pytest.mark.django_db
TRIAL = [Subject.SOLUTION, Subject.STARTING]


def queued() -> list[tuple[int, str]]:
    """The versions and subjects of all runs, in the order in which they are done."""
    runs = CheckRun.objects.order_by("queued_at", "pk")
    return list(runs.values_list("version", "subject"))


def run_all(submitted) -> CheckRun:
    run = actions.run_again(submitted, by="ada")
    places.run_until_none_is_due()
    run.refresh_from_db()
    return run


def test_a_version_that_is_saved_is_tried_once(challenge, check_runner) -> None:
    current = library.get_version("word-count", None)
    assert current is not None
    files = library.read_files(current)
    save = partial(save_challenge, "word-count", current.about, by="ada")
    unsolved = {path: each for path, each in CHECK_FILES.items() if SOLUTION not in path}
    save(files | StartingFiles(unsolved), base=1)
    assert queued() == [(2, "starting")]
    save(files | CHECK_FILES, base=2)
    # Once: this makes no version.
    save(files | CHECK_FILES, base=3)
    assert queued() == [(2, "starting"), (3, "solution"), (3, "starting")]
    places.run_until_none_is_due()
    assert CheckRun.objects.filter(state=RunState.FINISHED).count() == 3
    save(files, base=3)
    assert len(queued()) == 3


def test_each_challenge_of_the_library_is_tried_once(checked, check_runner) -> None:
    trials.queue_for_library()
    trials.queue_for_library()
    assert queued() == [(2, each) for each in TRIAL]


def test_what_was_tried_by_hand_is_not_tried_again(checked, check_runner) -> None:
    actions.start_trial("word-count", 2, by="ada")
    places.run_until_none_is_due()
    trials.queue_for_library()
    assert len(queued()) == 2


def fail_all(reason: RunReason) -> None:
    for run in CheckRun.objects.filter(state__in=UNFINISHED):
        queue.fail(run, reason)


def test_a_trial_that_the_platform_could_not_run_is_tried_again(checked, check_runner) -> None:
    for attempt in range(1, trials.MAX_TRIALS + 2):
        trials.queue_for_library()
        # Not for ever.
        assert len(queued()) == 2 * min(attempt, trials.MAX_TRIALS)
        fail_all(RunReason.ENGINE)


def test_a_trial_that_succeeded_at_last_is_enough(checked, check_runner) -> None:
    trials.queue_for_library()
    fail_all(RunReason.STORE)
    trials.queue_for_library()
    places.run_until_none_is_due()
    trials.queue_for_library()
    assert len(queued()) == 4


def test_a_trial_that_fails_for_its_version_is_not_tried_again(checked, check_runner) -> None:
    trials.queue_for_library()
    fail_all(RunReason.DAMAGED_CHALLENGE)
    trials.queue_for_library()
    assert len(queued()) == 2


def test_a_sweep_waits_before_it_tries_again(submitted, check_runner) -> None:
    run = run_all(submitted)
    trials.catch_up()
    fail_all(RunReason.ENGINE)
    trials.catch_up()
    assert len(CheckRun.objects.exclude(pk=run.pk)) == 2
    failed = CheckRun.objects.filter(state=RunState.FAILED)
    failed.update(finished_at=F("finished_at") - trials.RETRY_AFTER)
    trials.catch_up()
    assert len(CheckRun.objects.exclude(pk=run.pk)) == 4


def test_a_run_of_before_the_trial_is_compared_with_it(submitted, check_runner, stream) -> None:
    check_runner.outcomes["run given"] = outcome(case("mine"), case("one"), case("two"))
    check_runner.outcomes["run hidden"] = outcome(case("three"), exit_code=1)
    run = run_all(submitted)
    assert (run.is_compared, run.passed, run.total) == (False, 4, 5)
    assert run.results.get(name="Hidden").problem == Problem.EXIT_CODE

    trials.catch_up()
    trials.catch_up()
    assert [subject for _version, subject in queued()] == ["submission", *TRIAL]
    check_runner.outcomes["run given"] = outcome(case("two"), case("one"), case("missed"))
    check_runner.outcomes["run hidden"] = outcome(case("three"), case("four"))
    places.run_until_none_is_due()
    run.refresh_from_db()
    assert (run.is_compared, run.passed, run.total) == (True, 3, 5)
    given, hidden = run.results.all()
    assert [(each.name, each.outcome, each.counts) for each in stored_tests(given)] == [
        ("two", "passed", True),
        ("one", "passed", True),
        ("missed", "missing", True),
        ("mine", "passed", False),
    ]
    # A test that failed is the reason for the exit code now.
    assert (hidden.problem, hidden.passed, hidden.total) == ("", 1, 2)
    summary = summaries([submitted.id])[submitted.id]
    assert (summary.is_compared, summary.passed, summary.total) == (True, 3, 5)
    # The page of the run fetches it again.
    assert stream.events_named("checks")[-1]["challengeId"] == "word-count"
    told = [each for each in stream.events_named("checks") if each.get("interviewId")]
    assert len(told) == 4


def test_what_could_not_be_read_stays_so(submitted, check_runner) -> None:
    check_runner.outcomes["run hidden"] = outcome()
    run = run_all(submitted)
    del check_runner.outcomes["run hidden"]
    trials.catch_up()
    places.run_until_none_is_due()
    hidden = run.results.get(name="Hidden")
    assert (hidden.problem, hidden.passed, hidden.total) == (Problem.NO_REPORT, 0, 2)


def test_a_trial_that_ends_while_a_run_goes_on_counts_for_it(submitted, check_runner) -> None:
    def try_meanwhile(job) -> None:
        check_runner.before_run = lambda job: None
        trials.queue_for_library()
        places.run_until_none_is_due()

    check_runner.before_run = try_meanwhile
    assert run_all(submitted).is_compared is True


def test_a_trial_without_a_result_is_compared_with_nothing(submitted, check_runner) -> None:
    check_runner.outcomes["run hidden"] = outcome()
    run = run_all(submitted)
    actions.start_trial("word-count", 2, by="ada")
    places.run_until_none_is_due()
    trials.catch_up()
    run.refresh_from_db()
    assert run.is_compared is False
    assert all(each.counts for each in stored_tests(run.results.get(name="Given")))


def test_a_run_of_which_some_was_compared_forgets_that(submitted, check_runner) -> None:
    """The first trial expected a test that the second one does not have."""
    check_runner.outcomes["run given"] = outcome(case("one"), case("gone"))
    check_runner.outcomes["run hidden"] = outcome()
    actions.start_trial("word-count", 2, by="ada")
    places.run_until_none_is_due()
    check_runner.outcomes["run given"] = outcome(case("one"))
    del check_runner.outcomes["run hidden"]
    run = run_all(submitted)
    assert (run.is_compared, run.results.get(name="Given").total) == (False, 2)
    actions.start_trial("word-count", 2, by="ada")
    places.run_until_none_is_due()
    run.refresh_from_db()
    assert run.is_compared is True
    assert [each.name for each in stored_tests(run.results.get(name="Given"))] == ["one"]


def test_a_trial_is_missed_by_no_run_if_its_worker_dies(submitted, check_runner) -> None:
    """It died after the end of the trial was written."""
    run = run_all(submitted)
    (trial, _starting) = actions.start_trial("word-count", 2, by="ada")
    taken = queue.acquire_run()
    assert taken is not None and taken.pk == trial.pk
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "compare_earlier_runs", lambda *_: None)
        executor.run_checks(taken)
    trials.catch_up()
    run.refresh_from_db()
    assert run.is_compared is True

"""Trials that nobody asks for, and comparing what was run before them."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from interviews.challenges import library
from interviews.challenges.checks.manifest import SOLUTION
from interviews.challenges.models import Version
from operations.checks import results
from operations.checks.models import CheckResult, CheckRun, RunReason, RunState, Subject
from operations.checks.queue import announce, queue_run

# What may be right the next time: whatever else a trial could not run for is the version's.
TRANSIENT = (RunReason.ENGINE, RunReason.STORE, RunReason.INTERRUPTED, RunReason.SETTINGS)
# How often a version is tried without anybody asking, if the platform fails each time.
MAX_TRIALS = 5
# Between two of them, but at a worker's start: it may be the one with other settings.
RETRY_AFTER = timedelta(hours=1)


def has_solution(version: Version) -> bool:
    return any(file.path.startswith(f"{SOLUTION}/") for file in version.files)


def trial_subjects(version: Version) -> list[Subject]:
    """What a trial of the version runs its checks on, in this order."""
    # The solution first: it tells which tests are expected of others.
    return [Subject.SOLUTION, Subject.STARTING] if has_solution(version) else [Subject.STARTING]


def queue_first_trial(
    version: Version, *, by: str = "", retry_after: timedelta = timedelta(0)
) -> None:
    """Queue a trial of a version with checks, unless it was tried before.

    Its author then learns what is wrong with the checks before a submission is judged by them.
    A trial that the platform could not run does not count as one, `retry_after` its end.
    """
    if version.number is None or not version.has_checks:
        return
    number = int(version.number)
    for subject in trial_subjects(version):
        known = CheckRun.objects.filter(
            challenge_id=version.challenge_id, version=number, subject=subject
        )
        failed = known.filter(
            state=RunState.FAILED, reason__in=TRANSIENT, finished_at__lte=now() - retry_after
        ).count()
        if known.count() > failed or failed >= MAX_TRIALS:
            continue
        key = f"{subject.value} of {version.challenge_id} {number}"
        queue_run(
            subject,
            version.challenge_id,
            number,
            by=by,
            automatic_key=f"{key}, {failed + 1}" if failed else key,
        )


def queue_for_library() -> None:
    """Queue the first trial of each challenge on offer: the samples are saved by no page."""
    for challenge in library.active_challenges():
        version = library.get_version(challenge.id, None)
        if version is not None:
            queue_first_trial(version)


def catch_up() -> None:
    """Queue the missing trials of versions whose runs were compared with none, or compare them."""
    uncompared = _uncompared().order_by().values_list("challenge_id", "version").distinct()
    for challenge_id, number in list(uncompared):
        version = library.get_version(challenge_id, number)
        if version is not None:
            queue_first_trial(version, retry_after=RETRY_AFTER)
        compare_earlier_runs(challenge_id, number)


def compare_earlier_runs(challenge_id: str, version: int) -> None:
    """Compare the version's runs with its trial, if they were compared with none.

    A run with a check that has no expected tests stays as it is.
    """
    expected = results.expected_tests_of(challenge_id, version)
    if not expected:
        return
    for run in _uncompared().filter(challenge_id=challenge_id, version=version):
        # The tests are read only of those that can be compared.
        if expected.are_known_of(run.results.values_list("name", flat=True)):
            _compare(run, expected)


def _compare(run: CheckRun, expected: results.ExpectedTests) -> None:
    found = list(run.results.all())
    for result in found:
        results.compare(result, expected.of(result.name) or [])
    passed, total = sum(each.passed for each in found), sum(each.total for each in found)
    with transaction.atomic():
        as_read = _uncompared().filter(pk=run.pk)
        if not as_read.update(passed=passed, total=total, is_compared=True):
            # Another process did it, or the run was deleted.
            return
        CheckResult.objects.bulk_update(found, ["tests", "problem", "passed", "total"])
    announce(run)


def _uncompared() -> QuerySet[CheckRun]:
    return CheckRun.objects.filter(state=RunState.FINISHED, is_compared=False)

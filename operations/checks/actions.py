"""Start runs: after the end of an interview, by hand, for all of a challenge, and trials."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.utils.translation import gettext as _

from interviews import queries
from interviews.challenges import library
from interviews.challenges.models import Version
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.pagination.by_challenge import ended_of_challenge
from interviews.pagination.history import Filters
from operations import audit
from operations.audit import AuditAction
from operations.checks.cleanup import delete_old_trials
from operations.checks.models import CheckRun, Subject
from operations.checks.queue import queue_for_all, queue_run
from operations.checks.trials import trial_subjects
from operations.exceptions import InvalidInputError, WrongStateError
from operations.progress.models import ProgressState

logger = structlog.get_logger(__name__)

# Submissions that are checked at once, newest first.
MAX_RUN_ALL = 500


@dataclass(frozen=True)
class RunAll:
    """The runs that were queued, and how many submissions were queued or running before."""

    queued: list[CheckRun]
    unfinished: int


def queue_after_end(interview: Interview) -> None:
    """Queue the checks of an interview that has ended, once for each of its archives."""
    if interview.state not in FINAL or not interview.history_s3_key or interview.is_dry_run:
        return
    version = checks_version(interview)
    if version is None:
        return
    queue_run(
        Subject.SUBMISSION,
        version.challenge_id,
        int(version.number),
        interview_id=interview.id,
        archive_key=str(interview.history_s3_key),
        automatic_key=str(interview.history_s3_key),
    )


def checks_version(interview: Interview) -> Version | None:
    """The version whose checks belong to the interview: its own, if that has some."""
    number = interview.challenge_version
    if number is None:
        return None
    version = library.get_version(interview.challenge, int(number))
    return version if version is not None and version.has_checks else None


def run_again(interview: Interview, *, by: str, number: int | None = None) -> CheckRun:
    """Queue the checks of a version, by default the interview's own, on the latest submission.

    Raises:
        WrongStateError: if nothing is saved yet, or was deleted.
        InvalidInputError: if there is no such version, or it has no checks.
    """
    if interview.state not in FINAL or not interview.history_s3_key:
        raise WrongStateError(_("Checks run once the files are saved."))
    version = (
        library.get_version(interview.challenge, number)
        if number is not None
        else checks_version(interview) or library.get_version(interview.challenge, None)
    )
    version = _require_checks(version)
    run, is_new = queue_run(
        Subject.SUBMISSION,
        version.challenge_id,
        int(version.number),
        interview_id=interview.id,
        archive_key=str(interview.history_s3_key),
        by=by,
    )
    if is_new:
        audit.record(AuditAction.CHECKS_STARTED, interview.id, detail=f"version {run.version}")
    if queries.get_interview(interview.id) is None:
        CheckRun.objects.filter(pk=run.pk).delete()
        raise WrongStateError(_("The interview was deleted."))
    return run


def check_state(interview: Interview, number: int, *, by: str) -> CheckRun:
    """Queue the checks of the interview's version on a state that was kept while it ran.

    Raises:
        InvalidInputError: if there is no such state, or the version has no checks.
    """
    version = _require_checks(
        checks_version(interview) or library.get_version(interview.challenge, None)
    )
    if not ProgressState.objects.filter(interview_id=interview.id, number=number).exists():
        raise InvalidInputError("state", _("There's no such state."))
    run, is_new = queue_run(
        Subject.STATE,
        version.challenge_id,
        int(version.number),
        interview_id=interview.id,
        progress_state=number,
        by=by,
    )
    if is_new:
        audit.record(AuditAction.CHECKS_STARTED, interview.id, detail=f"state {number}")
    return run


def run_all(challenge_id: str, *, by: str) -> RunAll:
    """Queue the current version's checks on the latest submission of each interview that is not
    queued or running with them already.

    Raises:
        InvalidInputError: if the current version has no checks.
    """
    version = _require_checks(library.get_version(challenge_id, None))
    number = int(version.number)
    archives = {each.id: str(each.history_s3_key) for each in submissions_of(challenge_id)}
    runs = queue_for_all(challenge_id, number, archives, by=by)
    audit.record(
        AuditAction.CHECKS_STARTED_FOR_ALL,
        target=challenge_id,
        detail=f"version {number}, {len(runs)} submissions",
    )
    return RunAll(runs, len(archives) - len(runs))


def submissions_of(challenge_id: str) -> Iterator[Interview]:
    """The interviews of a challenge that are over and have saved files, newest first."""
    ended, _is_more = ended_of_challenge(challenge_id, Filters(ended=True), most=MAX_RUN_ALL)
    return (each for each in ended if each.history_s3_key and each.state in FINAL)


def start_trial(challenge_id: str, number: int, *, by: str) -> list[CheckRun]:
    """Queue a version's checks on its starting files, and on its reference solution if it has one.

    Raises:
        InvalidInputError: if there is no such version, or it has no checks.
    """
    version = _require_checks(library.get_version(challenge_id, number))
    subjects = trial_subjects(version)
    runs = [queue_run(subject, challenge_id, number, by=by)[0] for subject in subjects]
    delete_old_trials(challenge_id, number)
    audit.record(AuditAction.CHECKS_TRIED, target=challenge_id, detail=f"version {number}")
    return runs


def _require_checks(version: Version | None) -> Version:
    if version is None or version.number is None:
        raise InvalidInputError("version", _("There's no such version."))
    if not version.has_checks:
        raise InvalidInputError("version", _("This version has no checks."))
    return version

"""Start a practice workspace, or say why there is none."""

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from interviews import queries
from interviews.attributes import LIVE, PRACTICE, TAKE_HOME
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, NOT_STARTED, PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from operations.admission import line
from operations.exceptions import WrongStateError
from operations.practice.rows import MAX_PRACTICES, practice_id, practices_of
from operations.queue import enqueue

# How often a failed start may be tried again, as that of a test.
RETRIES = 3


def is_offered(interview: Interview) -> bool:
    """Return whether the candidate may have a practice workspace before this interview."""
    is_valid = interview.valid_until is None or interview.valid_until > now()
    has_candidate = interview.type in (TAKE_HOME, LIVE)
    is_ahead = interview.state in NOT_STARTED and is_valid
    return settings.PRACTICE_MINUTES > 0 and has_candidate and is_ahead


def may_retry(practice: Interview) -> bool:
    return practice.state is Status.ERROR and practice.attempts <= RETRIES


def is_still_wanted(practice: Interview) -> bool:
    """Return whether its interview has not begun yet, by a consistent read."""
    interview = queries.get_interview(practice.practice_of or "")
    return interview is not None and interview.state in NOT_STARTED


def start_practice(interview: Interview, *, by: str) -> Interview:
    """Start a practice workspace for the candidate, or return the one that there is.

    A failed one is tried again.

    Raises:
        WrongStateError: if there can be none now. Its text is for the candidate.
    """
    if not is_offered(interview):
        raise WrongStateError(_("Practice workspaces are only offered before the start."))
    rows = practices_of(interview.id)
    if rows and rows[-1].state not in FINAL:
        return _resume(rows[-1], by)
    if len(rows) >= MAX_PRACTICES:
        raise WrongStateError(
            ngettext(
                "You've already had %(count)s practice workspace.",
                "You've already had %(count)s practice workspaces. There are no more.",
                MAX_PRACTICES,
            )
            % {"count": MAX_PRACTICES}
        )
    _require_room(settings.PROVISIONER)
    practice = _create_practice(interview, len(rows) + 1)
    while practice.state is Status.SCHEDULED:
        enqueue.queue_provisioning(practice, by=by)
    return practice


def _resume(practice: Interview, by: str) -> Interview:
    """Return a practice workspace that is not over; a failed one is started again."""
    if practice.state is Status.DESTROYING:
        raise WrongStateError(
            _("Your last practice workspace is still closing. Try again in a moment.")
        )
    if practice.state is Status.ERROR and not may_retry(practice):
        raise WrongStateError(
            _("Your practice workspace couldn't be started several times. You can start anyway.")
        )
    if practice.state is Status.ERROR:
        _require_room(str(practice.provisioner))
    while practice.state in (Status.ERROR, Status.SCHEDULED):
        enqueue.queue_provisioning(practice, by=by)
    return practice


def _require_room(engine: str) -> None:
    """Check that this deployment has room for one more practice workspace, at once: none is worth
    a wait in line.

    The index may lag behind, so a few more may start at the same moment.

    Raises:
        WrongStateError: if PRACTICE_WORKSPACES of them are there, or the engine has no place.
    """
    there = (*PROVISIONING, Status.ACTIVE, Status.DESTROYING)
    count = sum(
        Interview.type_status_index.count(PRACTICE, Interview.status == status.value)
        for status in there
    )
    if count >= settings.PRACTICE_WORKSPACES or line.would_wait(engine):
        raise WrongStateError(
            _(
                "All practice workspaces are in use. Try again in a few minutes, or start without "
                "one: your own workspace isn't affected."
            )
        )


def _create_practice(interview: Interview, number: int) -> Interview:
    """Write the row, or return the one that another click wrote.

    The reconciler starts a row that this process does not come to start.
    """
    practice = Interview(
        id=practice_id(interview.id, number),
        type=PRACTICE,
        status=Status.SCHEDULED.value,
        practice_of=interview.id,
        practice_language=get_language() or settings.LANGUAGE_CODE,
        # For its limits of processors and memory. Its files are the product's own.
        challenge=interview.challenge,
        challenge_version=interview.challenge_version,
        # Not the candidate's name: the row is about nobody.
        candidate_name="Practice",
        duration_minutes=settings.PRACTICE_MINUTES,
        save_files=False,
        created_by="candidate",
        created_at=now(),
    )
    try:
        practice.create(by="candidate")
    except StaleWriteError:
        enqueue.reload_interview(practice)
    return practice

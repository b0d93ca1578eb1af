"""Whether a start that a worker was asked to run has a place, or waits in line for one."""

from datetime import timedelta

import structlog
from django.db import DatabaseError

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import practice
from operations.admission import line
from operations.admission.limits import limit_of, limits
from operations.lifecycle import OperationStatus, OperationType
from operations.models import Operation

logger = structlog.get_logger(__name__)

# A start that waits is looked at again after this, if nothing dispatches it before.
LOOK_AGAIN_AFTER = timedelta(seconds=30)
# A start that got its place sooner than this did not wait for it.
NO_WAIT = timedelta(seconds=1)


def must_wait(operation: Operation) -> bool:
    """Return whether the operation has no place yet, before a worker claims it.

    Its row is then in line: `line.admit` dispatches the operation once it has a place. Without an
    answer of the SQL database nobody knows how many places are free, and it waits as well.
    """
    is_new_start = operation.type == OperationType.CREATE
    if not is_new_start or operation.status != OperationStatus.PENDING or not limits():
        return False
    interview = queries.get_interview(operation.interview_id)
    if interview is None or interview.operation_id != operation.id:
        return False
    if interview.state is not Status.ACTIVATED or limit_of(interview.provisioner) is None:
        return False
    try:
        has_place = _has_place(interview, operation)
    except DatabaseError as error:
        logger.warning("places_unknown", reason=type(error).__name__)
        has_place = False
    if not has_place:
        operation.wait_for_place(until=now() + LOOK_AGAIN_AFTER)
    return not has_place


def wait_again(operation: Operation, token: str, interview: Interview) -> bool:
    """Put a start that may not start now back in line; False if it waits for no place.

    First the operation: what is claimed needs no place (`must_wait`).
    """
    if interview.is_practice or limit_of(interview.provisioner) is None:
        return False
    operation.return_to_line(token, until=now() + LOOK_AGAIN_AFTER)
    line.take_back(operation.id)
    return True


def wait_for_room(
    operation: Operation, token: str, interview: Interview, reason: str | None
) -> bool:
    """Put a start for which the engine has no room back in line; False if it waits for no place.

    Until the engine has room again, as far as anyone can know, nobody else gets a place either:
    those before it in line are tried first.
    """
    if interview.is_practice or limit_of(interview.provisioner) is None:
        return False
    until = now() + LOOK_AGAIN_AFTER
    operation.return_to_line(token, until=until, waiting_reason=reason)
    line.take_back(operation.id, is_full=True)
    return True


def _has_place(interview: Interview, operation: Operation) -> bool:
    if not interview.is_practice:
        # They may hold the very place that the interview waits for.
        practice.end_practices_of(interview, by="schedule")
    admission = line.request_place(interview, operation)
    if admission.admitted_at is None:
        return False
    if admission.admitted_at > operation.begun_at + NO_WAIT and operation.admitted_at is None:
        operation.record_admitted(admission.admitted_at)
    return True

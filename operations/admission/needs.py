"""Whether a workspace still needs its place, or its place in line."""

from datetime import timedelta

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview
from operations import models
from operations.admission.models import Admission
from operations.models import Operation

# So long at most a failed start keeps its place for a workspace that could not be removed: as long
# as an orphaned workspace is kept before it is ended.
MAX_CLEAN_UP = timedelta(hours=1)
# The statuses in which an interview has a workspace, apart from a failed one.
WITH_WORKSPACE = (PROVISIONING - {Status.ACTIVATED}) | {Status.ACTIVE, Status.DESTROYING}


def is_needed(row: Admission, interview: Interview | None) -> bool:
    """Decide by the interview as a consistent read gave it; None if there is none any more."""
    if interview is None or interview.workspace_name != row.workspace:
        return False
    if interview.provisioner != row.engine:
        return False
    if row.admitted_at is None:
        return interview.state is Status.ACTIVATED
    if interview.state is Status.ERROR:
        return _is_being_cleaned_up(interview)
    return interview.state is Status.ACTIVATED or interview.state in WITH_WORKSPACE


def left_start(interview: Interview) -> Operation | None:
    """The interview's failed start, if its workspace may still be there and has to be removed."""
    if interview.state is not Status.ERROR:
        return None
    operation = models.get_operation(interview.operation_id or "")
    return operation if operation is not None and _is_left(operation) else None


def _is_being_cleaned_up(interview: Interview) -> bool:
    """Whether a worker has the failed start, or will have it, and so may remove its workspace."""
    operation = models.get_operation(interview.operation_id or "")
    if operation is None:
        return False
    return operation.is_leased or operation.is_unfinished or _is_left(operation)


def _is_left(operation: Operation) -> bool:
    finished_at = operation.finished_at
    return operation.is_left and finished_at is not None and finished_at + MAX_CLEAN_UP > now()

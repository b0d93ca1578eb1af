"""Whether a workspace still needs its place, or its place in line."""

from datetime import timedelta

from interviews.dynamodb import now
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview
from operations import models
from operations.admission.models import Admission
from operations.lifecycle import OperationStatus

# So long a cancelled start keeps its place for the worker that cleans up after it.
CLEAN_UP_TIME = timedelta(minutes=2)
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


def _is_being_cleaned_up(interview: Interview) -> bool:
    """Whether a worker has the failed start, or will have it, and so may remove its workspace."""
    operation = models.get_operation(interview.operation_id or "")
    if operation is None:
        return False
    if operation.is_leased or operation.is_unfinished:
        return True
    is_left = operation.status == OperationStatus.CANCELLED and operation.check_at is not None
    finished_at = operation.finished_at
    return is_left and finished_at is not None and finished_at + CLEAN_UP_TIME > now()

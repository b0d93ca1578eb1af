"""Places of failed starts whose workspaces could not be removed yet."""

from datetime import UTC, datetime

from interviews.events import WorkspacesChanged, publish
from interviews.models import Interview
from operations.admission import needs
from operations.admission.models import Admission
from operations.lifecycle import OperationType
from operations.models import Operation
from operations.queue import dispatch


def note_left(row: Admission, interview: Interview) -> Operation | None:
    """Note on a place that is still needed since when its failed start has left a workspace.

    Returns that start, or None if there is none: then the note goes.
    """
    start = needs.left_start(interview) if row.admitted_at is not None else None
    since = start.finished_at if start is not None else None
    if row.left_since != since:
        same = Admission.objects.filter(pk=row.pk, operation_id=row.operation_id)
        if same.update(left_since=since):
            publish(WorkspacesChanged())
    return start


def remove_left(row: Admission, interview: Interview) -> None:
    """Have a worker remove the workspace that a failed start has left, if it is time to try again.

    It takes the lease of that start, so that no retry begins meanwhile.
    """
    start = note_left(row, interview)
    if start is None or start.check_at > datetime.now(UTC):
        return
    dispatch.enqueue_operation(start.id, OperationType.CREATE)

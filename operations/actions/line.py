"""Move a start that waits for a place to the front of its line."""

from django.utils.translation import gettext as _

from interviews.models import Interview, StaleWriteError
from operations import audit
from operations.actions.preconditions import require_room
from operations.admission import line
from operations.admission.models import Admission
from operations.audit import AuditAction
from operations.exceptions import WrongStateError
from operations.queue import enqueue


def move_to_front(interview: Interview, *, by: str) -> None:
    """Make it the next to get a workspace. Repeated, it is still the next, and nothing is written.

    Raises:
        WrongStateError: if it is not in line, or was changed too often.
    """
    waiting = Admission.objects.filter(workspace=interview.workspace_name, admitted_at=None)
    admission = waiting.first()
    if admission is not None and line.is_first_by_choice(admission):
        return
    require_room(interview)
    if admission is None or not line.move_to_front(admission):
        raise WrongStateError(_("This isn't in line for a workspace any more."))
    _add_to_timeline(interview, by)
    audit.record(AuditAction.MOVED_UP, interview.id)


def _add_to_timeline(interview: Interview, by: str) -> None:
    while True:
        try:
            interview.add_moved_up(by=by)
        except StaleWriteError:
            enqueue.reload_interview(interview)
        else:
            return

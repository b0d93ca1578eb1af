"""Decide about a planned time whose zone changed its rules: move it to what was said, or keep it.

`planned` is the instant that the person saw, and `reading` that of what was said, by the zone data
behind the page. Both must still hold: another process may have older data during an update.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from interviews import local_time
from interviews.local_time import planned as planned_times
from interviews.models import Interview, StaleWriteError
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations import audit
from operations.actions.plans import moves
from operations.actions.preconditions import require_room
from operations.audit import AuditAction
from operations.exceptions import WrongStateError


def move_to_reading(interview: Interview, *, planned: datetime, reading: datetime, by: str) -> None:
    """Reschedule the interview to the instant that what was said has today.

    Raises:
        InvalidInputError: if that instant has passed.
        WrongStateError: if it is being prepared or over.
        StaleWriteError: if it changed since the person saw it.
    """
    if interview.scheduled_at == reading and planned_times.is_decidable(interview):
        return
    _require_as_seen(interview, planned, reading)
    moves.reschedule(
        interview,
        by=by,
        at=reading,
        # Another than was said if the clocks skip that one now.
        local=local_time.utc_to_local(reading, interview.time_zone),
        based_on=interview.write_id,
    )


def keep_planned_time(
    interview: Interview, *, planned: datetime, reading: datetime, by: str
) -> None:
    """Keep the instant. From now on its local time by today's rules is what was said.

    Raises:
        WrongStateError: if it is being prepared or over.
        StaleWriteError: if it changed since the person saw it.
    """
    is_decided = planned_times.changed_reading(interview) is None
    if planned_times.is_decidable(interview) and is_decided and interview.scheduled_at == planned:
        return
    _require_as_seen(interview, planned, reading)
    require_room(interview)
    interview.change_time(
        by=by,
        what=TimelineEvent.TIME_KEPT,
        scheduled_local=local_time.utc_to_local(planned, interview.time_zone),
        declined_reading=None,
    )
    audit.record(AuditAction.TIME_KEPT, interview.id, detail=_in_words(interview))


def _require_as_seen(interview: Interview, planned: datetime, reading: datetime) -> None:
    if planned_times.is_decidable(interview):
        if (interview.scheduled_at, planned_times.changed_reading(interview)) != (planned, reading):
            raise StaleWriteError(interview.id)
        return
    raise WrongStateError(
        _("The time can't be changed any more. Status: %(status)s.")
        % {"status": status_label(interview.state)}
    )


def _in_words(interview: Interview) -> str:
    """Such as "2026-12-15T10:00 America/Edmonton, 16:00 UTC"."""
    return f"{interview.scheduled_local} {interview.time_zone}, {interview.scheduled_at:%H:%M} UTC"

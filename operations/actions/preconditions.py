"""What an action on an interview requires besides its status: its sitting, and room in its row.

Each edit, move, extension and sitting adds to a row, so a program that goes wrong could fill it.
Then nothing could be written to it any more: neither its end, nor where its files are saved.
"""

import json

from django.utils.translation import gettext as _

from interviews.models import Interview
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError

# DynamoDB stores 400 KB (409,600 bytes) at most. The rest is for what has to be written: an end, an
# archive, the time that an outage cost. JSON is a little longer than what DynamoDB counts.
MAX_ROW_BYTES = 280 * 1024


def has_room(interview: Interview) -> bool:
    """True if the row has room for one more change by staff, or report of the candidate."""
    return len(json.dumps(interview.serialize(), ensure_ascii=False).encode()) <= MAX_ROW_BYTES


def require_room(interview: Interview) -> None:
    """Check that the row has room for one more change by staff.

    Raises:
        WrongStateError: if it was changed too often.
    """
    if not has_room(interview):
        raise WrongStateError(
            _("This was changed too often to be changed again. It can still be stopped.")
        )


def require_same_sitting(interview: Interview, as_read: float | None) -> None:
    """Check that the test was not reopened since its `reopened` was `as_read`.

    Whoever asked knows nothing of this sitting: neither its time, nor its failure or end.

    Raises:
        WrongStateError: if it was.
    """
    if interview.reopened != as_read:
        raise WrongStateError(CONFLICT_MESSAGE)

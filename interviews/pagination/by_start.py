"""List the open live interviews in the order of their start: those that began, then those to come.

Two indexes have the order: one by type and status, for the few that have begun, and one by the time
at which the schedule acts, which for planned interviews is shortly before their start.
"""

import re
from datetime import datetime

from interviews import queries
from interviews.attributes import LIVE
from interviews.derived_keys import list_key_of
from interviews.dynamodb import TimeAttribute
from interviews.legacy import is_enabled
from interviews.lifecycle import FINAL, OPEN, Status
from interviews.models import Interview
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError
from interviews.queries import Page

BEGUN = sorted(OPEN - {Status.SCHEDULED})
EPOCH_SECONDS = re.compile("[0-9]{1,12}")
# Beside an old table no index has the order of all rows: so many are read, the newest first.
MAX_WITH_LEGACY = 500


def start_of(interview: Interview) -> datetime:
    """When it starts; one that was started at once began when it was created."""
    at: datetime = interview.scheduled_at or interview.created_at
    return at


def live_page(*, cursor: str | None = None, size: int = 50) -> Page:
    """Return a page of the open live interviews, the earliest start first.

    The first page has all that have begun, and up to `size` that are planned.

    Raises:
        InvalidCursorError: if this list did not issue the cursor.
    """
    if is_enabled():
        return _page_with_legacy(cursor)
    ids = [] if cursor else _begun_ids()
    planned = Interview.status_due_index.query(
        Status.SCHEDULED.value,
        limit=size,
        page_size=size,
        last_evaluated_key=_read_cursor(cursor) if cursor else None,
        attributes_to_get=["id", "tab", "dueAt"],
    )
    indexed = list(planned)
    ids += [row.id for row in indexed]
    next_cursor = None
    if planned.last_evaluated_key is not None and indexed:
        last = indexed[-1]
        next_cursor = cursors.encode_cursor([last.id, TimeAttribute().serialize(last.due_at)])
    # An index may lag behind, so that a row is in both or has left them: each is read by id.
    rows = queries.get_interviews(dict.fromkeys(ids))
    items = [row for row in rows.values() if row.type == LIVE and row.state not in FINAL]
    return Page(sorted(items, key=start_of), next_cursor)


def _begun_ids() -> list[str]:
    # No limit: no other page has them, and the engines limit how many run.
    return [
        row.id
        for status in BEGUN
        for row in Interview.type_status_index.query(
            LIVE, Interview.status == status.value, attributes_to_get=["id"]
        )
    ]


def _page_with_legacy(cursor: str | None) -> Page:
    page = queries.list_page(list_key_of(LIVE, Status.SCHEDULED), cursor=cursor)
    items = list(page.items)
    while page.next is not None and len(items) < MAX_WITH_LEGACY:
        page = queries.list_page(list_key_of(LIVE, Status.SCHEDULED), cursor=page.next)
        items += page.items
    return Page(sorted(items, key=start_of), page.next)


def _read_cursor(cursor: str) -> dict[str, dict[str, str]]:
    match cursors.decode_cursor(cursor):
        case [str(id_), (str() | int()) as due] if queries.is_valid_id(id_) and (
            EPOCH_SECONDS.fullmatch(str(due))
        ):
            return {
                "id": {"S": id_},
                "status": {"S": Status.SCHEDULED.value},
                "dueAt": {"N": str(due)},
            }
    raise InvalidCursorError(cursor[:100])

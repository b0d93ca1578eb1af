"""What pages are told of the line: the places in it, and how long the wait usually is there."""

from collections.abc import Iterable
from itertools import dropwhile

from interviews.events import PlaceChanged, WorkspacesChanged, publish
from interviews.lifecycle import Status
from operations.admission.models import Admission
from operations.admission.positions import Position, read_line


def announce(engine: str, *, joined: str = "") -> None:
    """Tell the pages of all that wait where they are now, and staff's page of workspaces.

    After this workspace has `joined`, those before it are where they were.
    """
    rows: Iterable[tuple[Admission, Position]] = read_line(engine)
    if joined:
        rows = dropwhile(lambda each: each[0].workspace != joined, rows)
    for row, position in rows:
        _note_told(row, position)
        _publish(row, position)
    publish(WorkspacesChanged())


def renew_estimates(engine: str) -> None:
    """Tell the pages that would show another wait by now, although their place is the same.

    Of processes that do so at the same time, one tells them.
    """
    for row, position in read_line(engine):
        if _note_told(row, position):
            _publish(row, position)


def _note_told(row: Admission, position: Position) -> bool:
    """Note which wait the page is told of; False if it was told of this one before."""
    if row.told_minutes == position.shown_minutes:
        return False
    same = Admission.objects.filter(pk=row.pk, told_minutes=row.told_minutes)
    return bool(same.update(told_minutes=position.shown_minutes))


def _publish(row: Admission, position: Position) -> None:
    publish(
        PlaceChanged(
            interview_id=row.shown_at,
            type=row.type,
            status=Status.ACTIVATED.value,
            queue={"place": position.place},
        )
    )

"""Where the starts of a page's interviews are in line, read at once."""

from collections.abc import Iterable

from django.http import HttpRequest

from interviews.models import Interview
from operations.admission import positions
from operations.admission.positions import Position


def read_positions(request: HttpRequest, interviews: Iterable[Interview]) -> None:
    """Read the positions of these at once, for `position_of`."""
    read = list(interviews)
    found = positions.positions_of(read)
    request.positions = {each.id: found.get(each.id) for each in read}  # type: ignore[attr-defined]


def position_of(interview: Interview, request: HttpRequest | None) -> Position | None:
    """Where its start is in line, or None if it is not."""
    known: dict[str, Position | None] = getattr(request, "positions", {})
    if interview.id in known:
        return known[interview.id]
    return positions.position_of(interview)

"""The engines with a limit of workspaces, and who waits in line for one."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.safestring import SafeString

from dashboard.html import build_html
from dashboard.presenters.interviews.rows.read import rows
from dashboard.presenters.interviews.rows.row import Row
from dashboard.presenters.interviews.rows.row_actions import RowAction
from interviews import queries
from interviews.attributes import PRACTICE
from operations.admission import positions
from operations.admission.models import Admission
from operations.admission.needs import MAX_CLEAN_UP
from operations.admission.positions import EngineLine


@dataclass(frozen=True)
class Waiting:
    """One start in line. `row` is None if its interview was just deleted."""

    place: int
    admission: Admission
    row: Row | None

    @property
    def is_practice(self) -> bool:
        return self.admission.type == PRACTICE

    @property
    def since(self) -> datetime:
        return self.admission.queued_at

    @property
    def whose(self) -> SafeString:
        """Said to screen readers after the words of its button."""
        name = self.row.interview.candidate_name if self.row is not None else ""
        return build_html('<span class="visually-hidden"> ({})</span>', name)

    @property
    def move_up(self) -> RowAction | None:
        """The button that moves it to the front, if staff may do so. Practice is not moved."""
        if self.row is None or self.is_practice:
            return None
        return next((each for each in self.row.actions if each.verb == "move-up"), None)


@dataclass(frozen=True)
class Left:
    """A failed start whose workspace could not be removed yet. `row` is None as in `Waiting`."""

    admission: Admission
    row: Row | None

    @property
    def free_at(self) -> datetime:
        """When its place is given to the next at the latest."""
        since = self.admission.left_since or self.admission.queued_at
        return since + MAX_CLEAN_UP


@dataclass(frozen=True)
class LineView:
    """An engine with a limit, as the page of workspaces shows it."""

    line: EngineLine
    waiting: list[Waiting]
    left: list[Left]

    @property
    def is_full(self) -> bool:
        return self.line.running >= self.line.limit


def line_views(request: HttpRequest) -> list[LineView]:
    """The engines that have a limit, with who waits there as this request may see them."""
    lines = positions.lines()
    shown = (admission for line in lines for admission in [*line.waiting, *line.left])
    ids = {admission.shown_at for admission in shown}
    interviews = list(queries.get_interviews(ids).values()) if ids else []
    by_id = {row.interview.id: row for row in rows(request, interviews)} if interviews else {}
    return [
        LineView(
            line,
            [
                Waiting(place, admission, by_id.get(admission.shown_at))
                for place, admission in enumerate(line.waiting, 1)
            ],
            [Left(admission, by_id.get(admission.shown_at)) for admission in line.left],
        )
        for line in lines
    ]

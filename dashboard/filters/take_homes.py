"""Filters and order of the open take-home tests, saved in the address of the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field

from dashboard.filters.query_filter import QueryFilter
from interviews import queries
from interviews.attributes import TAKE_HOME
from interviews.dynamodb import now
from interviews.lifecycle import FINAL, PROVISIONING, Status
from interviews.models import Interview
from interviews.queries import Page
from interviews.status_labels import LABELS
from operations.reviews.access import Viewer
from operations.reviews.hidden_names import shown_to

# No index has the other orders and filters: so many of the newest are read, and no more.
MAX_SCANNED = 500
# So many rows are shown in another order than the list's own.
MAX_SORTED = 100
READ_AT_ONCE = 100
# With so many that fit, a page in the list's own order reads no further.
ENOUGH = 50
EXPIRES_SOON = timedelta(hours=48)
# Past every time that is stored.
LATEST = 10**11

GROUPS: dict[str, frozenset[Status]] = {
    "available": frozenset({Status.AVAILABLE}),
    "starting": PROVISIONING,
    "active": frozenset({Status.ACTIVE}),
    "destroying": frozenset({Status.DESTROYING}),
    "error": frozenset({Status.ERROR}),
}
GROUP_LABELS: dict[str, Any] = {name: LABELS[min(group)] for name, group in GROUPS.items()}
ATTENTION = (
    Status.ERROR,
    Status.ACTIVE,
    *sorted(PROVISIONING),
    Status.AVAILABLE,
    Status.DESTROYING,
)


class Only(StrEnum):
    UNOPENED = "unopened"
    EXPIRING = "expiring"


class Sort(StrEnum):
    DEADLINE = "deadline"
    CANDIDATE = "candidate"
    STATUS = "status"


ONLY_LABELS: dict[str, Any] = {
    Only.UNOPENED.value: gettext_lazy("Not opened yet"),
    Only.EXPIRING.value: gettext_lazy("Expires within 48 hours"),
}
SORT_LABELS: dict[str, Any] = {
    Sort.DEADLINE.value: gettext_lazy("Start by"),
    Sort.CANDIDATE.value: gettext_lazy("Candidate"),
    Sort.STATUS.value: gettext_lazy("Status"),
}


@dataclass(frozen=True)
class SortedPage(Page):
    """A page of what was read, and how many of it fit but are not shown."""

    left_out: int = 0


def _one_of(choices: Mapping[str, Any]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value and value not in choices:
            raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return value or ""

    return check


class OpenTestsQuery(QueryFilter):
    """All of it may be left out, or empty."""

    challenge: Annotated[str, Field(max_length=100)] = ""
    by: Annotated[str, Field(max_length=150)] = ""
    status: Annotated[str, BeforeValidator(_one_of(GROUPS))] = ""
    only: Annotated[str, BeforeValidator(_one_of(ONLY_LABELS))] = ""
    sort: Annotated[str, BeforeValidator(_one_of(SORT_LABELS))] = ""

    def matches(self, interview: Interview) -> bool:
        """True if the list has this interview, on any of its pages."""
        return (
            interview.state not in FINAL
            and self.challenge in ("", interview.challenge)
            and self.by in ("", interview.created_by)
            and (not self.status or interview.state in GROUPS[self.status])
            and (self.only != Only.UNOPENED or is_unopened(interview))
            and (self.only != Only.EXPIRING or expires_soon(interview))
        )

    def page(self, cursor: str | None, viewer: Viewer) -> Page:
        """A page of the tests that fit, in the chosen order, some without names for this viewer.

        Without a filter it is a page of the index. Otherwise at most MAX_SCANNED tests are read,
        and the next page goes on behind them.

        Raises:
            InvalidCursorError: if this list did not issue the cursor.
        """
        if self == OpenTestsQuery():
            return queries.list_page(TAKE_HOME, cursor=cursor)
        found: list[Interview] = []
        scanned = 0
        while True:
            read = queries.list_page(TAKE_HOME, cursor=cursor, size=READ_AT_ONCE)
            scanned += READ_AT_ONCE
            found += filter(self.matches, read.items)
            cursor = read.next
            is_full = not self.sort and len(found) >= ENOUGH
            if cursor is None or is_full or scanned >= MAX_SCANNED:
                break
        if not self.sort:
            return Page(found, cursor)
        # Before they are sorted: the order tells no hidden name.
        found = shown_to(viewer, found)
        found.sort(key=lambda interview: order_of(interview, self.sort))
        shown = found[:MAX_SORTED]
        return SortedPage(shown, cursor, len(found) - len(shown))


def is_unopened(interview: Interview) -> bool:
    """True for an invitation whose page no candidate has opened yet."""
    return interview.state is Status.AVAILABLE and interview.opened_at is None


def expires_soon(interview: Interview) -> bool:
    """True for an invitation whose deadline to start is near."""
    until = interview.valid_until
    is_near = until is not None and until - now() <= EXPIRES_SOON
    return interview.state is Status.AVAILABLE and is_near


def order_of(interview: Interview, sort: str) -> int | str:
    """The place of a test in the list: the smallest comes first, or without `sort` the greatest."""
    created = int(interview.created_at.timestamp())
    if sort == Sort.CANDIDATE:
        return interview.candidate_name.casefold()
    if sort == Sort.DEADLINE:
        until = interview.valid_until if interview.state is Status.AVAILABLE else None
        return int(until.timestamp()) if until is not None else LATEST + created
    if sort == Sort.STATUS:
        return ATTENTION.index(interview.state) * LATEST + LATEST - created
    return created


def is_listed(interview: Interview, values: Mapping[str, str]) -> bool:
    """True if the list with this query string contains the interview."""
    query, errors = OpenTestsQuery.read(values)
    return not errors and query.matches(interview)

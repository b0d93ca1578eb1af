"""Filters of the history, with one set of rules for page and API."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field

from dashboard.filters.date_range import DateRangeFilter
from interviews.attributes import LIVE, TAKE_HOME
from interviews.challenges import library
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.queries import Page
from interviews.search import lookup
from interviews.status_labels import CHOICES
from operations.reviews.decisions import latest_decisions
from operations.reviews.models import Outcome

TYPES: dict[str, Any] = {
    TAKE_HOME: gettext_lazy("Take-home tests"),
    LIVE: gettext_lazy("Live interviews"),
}
STATUSES = {
    status.value: CHOICES[status]
    for status in (Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED)
}

UNDECIDED = "none"
DECISIONS: dict[str, Any] = {
    **{outcome.value: outcome.label for outcome in Outcome},
    UNDECIDED: gettext_lazy("None yet"),
}
# No index has the decisions: so many pages are read for one, and no more.
MAX_PAGES = 10
ENOUGH = 50


def _type(value: Any) -> str | None:
    if value and value not in TYPES:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(TYPES)})
    return value or None


def _status(value: Any) -> Status | None:
    if value and value not in STATUSES:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(STATUSES)})
    return Status(value) if value else None


def _decision(value: Any) -> str:
    if value and value not in DECISIONS:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(DECISIONS)})
    return value or ""


Decided = Annotated[str, BeforeValidator(_decision), Field(description=", ".join(DECISIONS))]


class HistoryQuery(DateRangeFilter):
    """All of it may be left out, or empty. The days of the end are the zone's, both included."""

    q: Annotated[
        str,
        Field(max_length=300, description="Candidate, email address, challenge, id or passcode"),
    ] = ""
    type: Annotated[str | None, BeforeValidator(_type), Field(description=", ".join(TYPES))] = None
    status: Annotated[
        Status | None, BeforeValidator(_status), Field(description=", ".join(STATUSES))
    ] = None
    decision: Decided = ""

    def page(self, *, ended: bool | None, cursor: str | None, by_passcode: bool) -> Page:
        """A page of the history, or of the search results if `q` is given.

        `ended` False lists open interviews, None lists both. `by_passcode` lets the search match
        passcodes, for those who may see them.

        With a decision a page may hold fewer, or none, and still have a next one.

        Raises:
            InvalidCursorError: if the cursor is not one of this list.
        """
        if not self.decision:
            return self._page(ended, cursor, by_passcode)
        found: list[Interview] = []
        for _number in range(MAX_PAGES):
            read = self._page(ended, cursor, by_passcode)
            found += self._decided(read.items)
            cursor = read.next
            if cursor is None or len(found) >= ENOUGH:
                break
        return Page(found, cursor)

    def _page(self, ended: bool | None, cursor: str | None, by_passcode: bool) -> Page:
        filters = self.filters(ended)
        if self.q.strip():
            return lookup.search_page(self.q, filters, cursor=cursor, by_passcode=by_passcode)
        return history.history_page(filters, cursor=cursor)

    def matches(self, interview: Interview) -> bool:
        """True if any page of the History list contains this interview."""
        if not self.filters(self.over).matches(interview):
            return False
        if self.decision and not self._decided([interview]):
            return False
        if not self.q.strip():
            return True
        name = library.challenge_name(interview.challenge)
        return lookup.matches_search(interview, name, self.q)

    def _decided(self, interviews: list[Interview]) -> list[Interview]:
        """Those with the decision that is asked for."""
        known = latest_decisions(each.id for each in interviews)
        return [
            each
            for each in interviews
            if (known[each.id].outcome if each.id in known else UNDECIDED) == self.decision
        ]

    @property
    def over(self) -> bool | None:
        """The History page lists ended interviews; its search finds open ones as well."""
        return None if self.q.strip() else True

    def filters(self, ended: bool | None) -> Filters:
        return Filters(
            type=self.type,
            status=self.status,
            since=self.since,
            until=self.until,
            ended=ended,
        )


def is_listed(interview: Interview, values: Mapping[str, str]) -> bool:
    """True if the list with this query string contains the interview."""
    query, errors = HistoryQuery.read(values)
    return not errors and query.matches(interview)

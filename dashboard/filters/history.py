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

TYPES: dict[str, Any] = {
    TAKE_HOME: gettext_lazy("Take-home tests"),
    LIVE: gettext_lazy("Live interviews"),
}
STATUSES = {
    status.value: CHOICES[status]
    for status in (Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED)
}


def _type(value: Any) -> str | None:
    if value and value not in TYPES:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(TYPES)})
    return value or None


def _status(value: Any) -> Status | None:
    if value and value not in STATUSES:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(STATUSES)})
    return Status(value) if value else None


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

    def page(self, *, ended: bool | None, cursor: str | None, by_passcode: bool) -> Page:
        """A page of the history, or of the search results if `q` is given.

        `ended` False lists open interviews, None lists both. `by_passcode` lets the search match
        passcodes, for those who may see them.

        Raises:
            InvalidCursorError: if the cursor is not one of this list.
        """
        filters = self.filters(ended)
        if self.q.strip():
            return lookup.search_page(self.q, filters, cursor=cursor, by_passcode=by_passcode)
        return history.history_page(filters, cursor=cursor)

    def matches(self, interview: Interview) -> bool:
        """True if any page of the History list contains this interview."""
        if not self.filters(self.over).matches(interview):
            return False
        if not self.q.strip():
            return True
        name = library.challenge_name(interview.challenge)
        return lookup.matches_search(interview, name, self.q)

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

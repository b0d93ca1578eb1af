"""What the history is asked for, as addresses say it: the one set of rules behind page and API."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from dashboard.filters.date_range import DateRangeFilter
from interviews import history
from interviews.challenges import library
from interviews.history import Filters
from interviews.lifecycle import Status
from interviews.models import LIVE, TAKE_HOME, Interview
from interviews.queries import Page
from interviews.search import lookup

TYPES = {TAKE_HOME: "Take-home tests", LIVE: "Live interviews"}
STATUSES = {
    status.value: status.badge
    for status in (Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED)
}


def _type(value: Any) -> str | None:
    if value and value not in TYPES:
        raise ValueError(f"must be one of {', '.join(TYPES)}")
    return value or None


def _status(value: Any) -> Status | None:
    if value and value not in STATUSES:
        raise ValueError(f"must be one of {', '.join(STATUSES)}")
    return Status(value) if value else None


class HistoryQuery(DateRangeFilter):
    """All of it may be left out, or empty. The days of the end are the zone's, both included."""

    q: Annotated[str, Field(max_length=300, description="Candidate, challenge, id or passcode")] = (
        ""
    )
    type: Annotated[str | None, BeforeValidator(_type), Field(description=", ".join(TYPES))] = None
    status: Annotated[
        Status | None, BeforeValidator(_status), Field(description=", ".join(STATUSES))
    ] = None

    def page(self, *, ended: bool | None, cursor: str | None, by_passcode: bool) -> Page:
        """The history, or with `q` what is found, `by_passcode` too where who asks may see them.
        `ended`: False is what is open, None is both. Raises InvalidCursorError."""
        filters = self.filters(ended)
        if self.q.strip():
            return lookup.search_page(self.q, filters, cursor=cursor, by_passcode=by_passcode)
        return history.history_page(filters, cursor=cursor)

    def holds(self, interview: Interview) -> bool:
        """Is it on the History page, on one page or another?"""
        if not self.filters(self.over).matches(interview):
            return False
        if not self.q.strip():
            return True
        challenge = library.get_challenge(interview.challenge)
        name = challenge.name if challenge is not None else interview.challenge
        return lookup.matches_search(interview, name, self.q)

    @property
    def over(self) -> bool | None:
        """The History page lists what is over; its search finds whoever is looked for."""
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
    """For `dashboard.presenters.list_definitions`: is it on the page with this query string?"""
    query, errors = HistoryQuery.read(values)
    return not errors and query.holds(interview)

"""What the history is asked for, as addresses say it: the one set of rules behind page and API."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from dashboard.sentences import sentence
from interviews import challenges, history, search, wall_clock
from interviews.history import Filters
from interviews.lifecycle import Status
from interviews.models import REGULAR, TAKE_HOME, Interview
from interviews.queries import Page

TYPES = {TAKE_HOME: "Take-home tests", REGULAR: "Live interviews"}
STATUSES = {
    status.value: status.badge
    for status in (Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED)
}
YEARS = range(2000, 2101)


def _type(value: Any) -> str | None:
    if value and value not in TYPES:
        raise ValueError(f"must be one of {', '.join(TYPES)}")
    return value or None


def _status(value: Any) -> Status | None:
    if value and value not in STATUSES:
        raise ValueError(f"must be one of {', '.join(STATUSES)}")
    return Status(value) if value else None


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date.min
    if day.year not in YEARS:
        raise ValueError("must be a day such as 2030-03-31")
    return day


def _zone(value: Any) -> str:
    if value and value not in wall_clock.zones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return value or "UTC"


class HistoryQuery(Schema):
    """All of it may be left out, or empty. The days of the end are the zone's, both included."""

    q: Annotated[str, Field(max_length=300, description="Candidate, challenge, id or passcode")] = (
        ""
    )
    type: Annotated[str | None, BeforeValidator(_type), Field(description=", ".join(TYPES))] = None
    status: Annotated[
        Status | None, BeforeValidator(_status), Field(description=", ".join(STATUSES))
    ] = None
    first: Annotated[
        date | None, BeforeValidator(_day), Field(alias="from", description="2030-03-01")
    ] = None
    last: Annotated[
        date | None, BeforeValidator(_day), Field(alias="to", description="2030-03-31")
    ] = None
    zone: Annotated[str, BeforeValidator(_zone), Field(description="Europe/Berlin")] = "UTC"

    @field_validator("last")
    @classmethod
    def _not_before_first(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("first")
        if first and last and last < first:
            raise ValueError("must not be before the first day")
        return last

    def page(self, *, ended: bool | None, cursor: str | None) -> Page:
        """The history, or with `q` what is found. `ended`: False is what is open, None is both.
        Raises BadCursor."""
        filters = self.filters(ended)
        if self.q.strip():
            return search.find(self.q, filters, cursor=cursor)
        return history.page(filters, cursor=cursor)

    def holds(self, interview: Interview) -> bool:
        """Is it on the History page, on one page or another?"""
        if not self.filters(self.over).fits(interview):
            return False
        if not self.q.strip():
            return True
        challenge = challenges.get(interview.challenge)
        name = challenge.name if challenge is not None else interview.challenge
        return search.matches(interview, name, self.q)

    @property
    def over(self) -> bool | None:
        """The History page lists what is over; its search finds whoever is looked for."""
        return None if self.q.strip() else True

    def filters(self, ended: bool | None) -> Filters:
        return Filters(
            type=self.type,
            status=self.status,
            since=self._begin(self.first) if self.first else None,
            until=self._begin(self.last + timedelta(days=1)) if self.last else None,
            ended=ended,
        )

    def _begin(self, day: date) -> datetime:
        """A midnight that a clock change skips is the moment of the change."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def read(values: Mapping[str, str]) -> tuple[HistoryQuery, dict[str, str]]:
    """The query of an address, and a sentence for each field that is wrong (and is left out)."""
    names = {"q", "type", "status", "from", "to", "zone"}
    given = {name: value for name, value in values.items() if name in names}
    errors: dict[str, str] = {}
    while True:
        try:
            return HistoryQuery.model_validate(given), errors
        except ValidationError as error:
            for each in error.errors():
                name = str(each["loc"][0])
                errors[name] = sentence(dict(each))
                given.pop(name, None)


def is_listed(interview: Interview, values: Mapping[str, str]) -> bool:
    """For `dashboard.tabs`: is it on the page with this query string?"""
    query, errors = read(values)
    return not errors and query.holds(interview)

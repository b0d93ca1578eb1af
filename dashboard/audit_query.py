"""What the audit trail is asked for: one set of rules for page, file and API; and reading it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from dashboard.models import AuditEntry
from dashboard.sentences import sentence
from interviews import cursors, wall_clock
from interviews.queries import BadCursor

SIZE = 50
YEARS = range(2000, 2101)
# No database holds a greater one.
MAX_ID = 2**63 - 1


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


@dataclass(frozen=True)
class AuditPage:
    """Newest first, and the cursor of the next page; None: this is the last."""

    items: list[AuditEntry]
    next: str | None


class AuditQuery(Schema):
    """All of it may be left out, or empty. Days are the zone's, both included."""

    person: Annotated[str, Field(max_length=150, description="Exactly as it is shown")] = ""
    what: Annotated[str, Field(max_length=40, description="Such as extended")] = ""
    interview: Annotated[str, Field(max_length=100, description="The id")] = ""
    first: Annotated[
        date | None, BeforeValidator(_day), Field(alias="from", description="2030-03-01")
    ] = None
    last: Annotated[
        date | None, BeforeValidator(_day), Field(alias="to", description="2030-03-31")
    ] = None
    zone: Annotated[str, BeforeValidator(_zone), Field(description="Europe/Berlin")] = "UTC"

    @field_validator("person", "what", "interview")
    @classmethod
    def _trimmed(cls, text: str) -> str:
        # No name and no id has one, and some databases refuse to look for it.
        return text.replace("\0", "").strip()

    @field_validator("last")
    @classmethod
    def _not_before_first(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("first")
        if first and last and last < first:
            raise ValueError("must not be before the first day")
        return last

    def page(self, cursor: str | None, size: int = SIZE) -> AuditPage:
        """Raises BadCursor."""
        found = self._entries()
        if cursor:
            found = found.filter(pk__lt=_read_cursor(cursor))
        items = list(found[: size + 1])
        is_more = len(items) > size
        items = items[:size]
        return AuditPage(items, cursors.write(items[-1].pk) if is_more else None)

    def chunks(self, size: int) -> Iterator[list[AuditEntry]]:
        """All of it, newest first, a bounded number at a time."""
        cursor = None
        while True:
            page = self.page(cursor, size)
            yield page.items
            cursor = page.next
            if cursor is None:
                return

    def _entries(self) -> Any:
        # Ids are given in the order of time, so they are the order, and the cursor.
        found = AuditEntry.objects.order_by("-pk")
        if self.person:
            found = found.filter(actor=self.person)
        if self.what:
            found = found.filter(what=self.what)
        if self.interview:
            found = found.filter(interview_id=self.interview)
        if self.first:
            found = found.filter(at__gte=self._begin(self.first))
        if self.last:
            found = found.filter(at__lt=self._begin(self.last + timedelta(days=1)))
        return found

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def read(values: Mapping[str, str]) -> tuple[AuditQuery, dict[str, str]]:
    """The query of an address, and a sentence for each field that is wrong (and is left out)."""
    names = {"person", "what", "interview", "from", "to", "zone"}
    given = {name: value for name, value in values.items() if name in names}
    errors: dict[str, str] = {}
    while True:
        try:
            return AuditQuery.model_validate(given), errors
        except ValidationError as error:
            for each in error.errors():
                name = str(each["loc"][0])
                errors[name] = sentence(dict(each))
                given.pop(name, None)


def of_interview(interview_id: str, limit: int) -> list[AuditEntry]:
    """The newest of one interview."""
    return list(AuditEntry.objects.filter(interview_id=interview_id).order_by("-pk")[:limit])


def _read_cursor(cursor: str) -> int:
    last = cursors.read(cursor)
    if not isinstance(last, int) or isinstance(last, bool) or not 0 < last <= MAX_ID:
        raise BadCursor(cursor)
    return last

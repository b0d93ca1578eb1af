"""What the audit trail is asked for: one set of rules for page, file and API; and reading it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, field_validator

from dashboard.filters.date_range import DateRangeFilter
from dashboard.shortcuts import MAX_ID
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError
from operations.audit.models import AuditEntry

SIZE = 50


@dataclass(frozen=True)
class AuditPage:
    """Newest first, and the cursor of the next page; None: this is the last."""

    items: list[AuditEntry]
    next: str | None


class AuditQuery(DateRangeFilter):
    """All of it may be left out, or empty. Days are the zone's, both included."""

    person: Annotated[str, Field(max_length=150, description="Exactly as it is shown")] = ""
    what: Annotated[
        str, Field(max_length=100, description="Such as extended; several with commas")
    ] = ""
    interview: Annotated[str, Field(max_length=100, description="The id")] = ""

    @field_validator("person", "what", "interview")
    @classmethod
    def _trimmed(cls, text: str) -> str:
        # No name and no id has one, and some databases refuse to look for it.
        return text.replace("\0", "").strip()

    def page(self, cursor: str | None, size: int = SIZE) -> AuditPage:
        """Raises InvalidCursorError."""
        found = self._entries()
        if cursor:
            found = found.filter(pk__lt=_read_cursor(cursor))
        items = list(found[: size + 1])
        is_more = len(items) > size
        items = items[:size]
        return AuditPage(items, cursors.encode_cursor(items[-1].pk) if is_more else None)

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
            found = found.filter(what__in=self.what.split(","))
        if self.interview:
            found = found.filter(interview_id=self.interview)
        if self.since:
            found = found.filter(at__gte=self.since)
        if self.until:
            found = found.filter(at__lt=self.until)
        return found


def of_interview(interview_id: str, limit: int) -> list[AuditEntry]:
    """The newest of one interview."""
    return list(AuditEntry.objects.filter(interview_id=interview_id).order_by("-pk")[:limit])


def _read_cursor(cursor: str) -> int:
    last = cursors.decode_cursor(cursor)
    if not isinstance(last, int) or isinstance(last, bool) or not 0 < last <= MAX_ID:
        raise InvalidCursorError(cursor)
    return last

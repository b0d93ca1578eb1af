"""A range of days in a time zone, read from the query string of a list."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from dashboard.filters.query_filter import QueryFilter
from interviews import local_time

YEARS = range(2000, 2101)


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date.min
    if day.year not in YEARS:
        raise ValueError(_("Enter a date such as 2030-03-31."))
    return day


def _zone(value: Any) -> str:
    zone = local_time.browser_zone(value or "UTC")
    if zone not in local_time.zone_names():
        raise ValueError(_("Enter a time zone such as Europe/Berlin."))
    return zone


class DateRangeFilter(QueryFilter):
    """Every field is optional and may be empty. Both days are included, in the time zone `zone`."""

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
            raise ValueError(_("The last day can't be before the first."))
        return last

    @property
    def since(self) -> datetime | None:
        """The start of the first day."""
        return self._midnight(self.first) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The end of the last day."""
        return self._midnight(self.last + timedelta(days=1)) if self.last else None

    def _midnight(self, day: date) -> datetime:
        """The start of the day; if a clock change skips midnight, the moment of the change."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

"""An interview that was planned before its time zone changed its rules."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from interviews.local_time import utc_to_local
from interviews.models import Interview
from tests.conftest import fresh

# 15 December 2026, 10:00 in Edmonton: at 17:00 by the rules of before, at 16:00 since 2026f.
SAID, ZONE = "2026-12-15T10:00", "America/Edmonton"
BEFORE, TODAY = (datetime(2026, 12, 15, hour, tzinfo=UTC) for hour in (17, 16))


def replanned(schedule: Callable[..., Interview]) -> Interview:
    """Planned a day after its creation, where an hour later was said, in UTC."""
    interview = schedule()
    at = interview.created_at + timedelta(days=1)
    said = utc_to_local(at + timedelta(hours=1), "UTC")
    interview.change(scheduled_at=at, scheduled_local=said, time_zone="UTC")
    return fresh(interview)


def planned_by_earlier_rules(schedule: Callable[..., Interview], **fields: Any) -> Interview:
    said = {"scheduled_at": BEFORE, "scheduled_local": SAID, "time_zone": ZONE}
    interview = schedule(confirm_offset=True, **said | fields)
    # The rules of that time gave what was said this instant: there was nothing to decline.
    interview.change(declined_reading=None)
    return fresh(interview)

"""What indexes find a row by, and follows from the rest of it: tab, kind, and when it is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from interviews.lifecycle import FINAL, STARTED, Status

# Live interviews are provisioned this long before the scheduled time.
PROVISION_LEAD_TIME = timedelta(minutes=5)
# The attributes from which `dueAt` follows.
DUE_AT_INPUTS = frozenset(
    {"status", "valid_until", "scheduled_at", "auto_destroy_at", "pause_ends_at"}
)


def list_key_of(type_: str, status: Status) -> str:
    """The tab of the dashboard that lists it: a take-home never leaves the take-home tabs."""
    return f"{type_}-ended" if status in FINAL else type_


def type_status_key_of(type_: str, status: Status) -> str:
    """Type and status as one word, for the index of what ended how."""
    return f"{type_}#{status.value}"


def due_at_of(status: Status, row: Mapping[str, Any]) -> datetime | None:
    """The moment at which something must happen to the row without a click, or None."""
    if status is Status.AVAILABLE:
        return row.get("valid_until")
    if status is Status.SCHEDULED:
        scheduled: datetime | None = row.get("scheduled_at")
        # Without a time it was wanted at once.
        return scheduled - PROVISION_LEAD_TIME if scheduled else row.get("created_at")
    # What another portal started is ended there, and its files are saved there.
    if status in STARTED and row.get("provisioner"):
        ends: datetime | None = row.get("auto_destroy_at")
        pause_ends: datetime | None = row.get("pause_ends_at")
        return pause_ends if row.get("paused_at") and pause_ends else ends
    return None

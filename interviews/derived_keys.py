"""Derive the index keys of an interview: list key, type and status, and when it is due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from interviews.lifecycle import FINAL, STARTED, Status

# How long before the scheduled time the workspace of a live interview is provisioned.
PROVISION_LEAD_TIME = timedelta(minutes=5)
# The attributes that decide `due_at`.
DUE_AT_INPUTS = frozenset(
    {"status", "valid_until", "scheduled_at", "auto_destroy_at", "pause_ends_at"}
)


def list_key_of(type_: str, status: Status) -> str:
    """Return the key of the dashboard list that shows the interview, by type and ended or not."""
    return f"{type_}-ended" if status in FINAL else type_


def type_status_key_of(type_: str, status: Status) -> str:
    """Return type and status as one key, for the index of ended interviews by status."""
    return f"{type_}#{status.value}"


def due_at_of(status: Status, row: Mapping[str, Any]) -> datetime | None:
    """Return when the reconciler must act on the interview, or None."""
    if status is Status.AVAILABLE:
        return row.get("valid_until")
    if status is Status.SCHEDULED:
        scheduled: datetime | None = row.get("scheduled_at")
        # Without a scheduled time it starts immediately.
        return scheduled - PROVISION_LEAD_TIME if scheduled else row.get("created_at")
    # The old portal ends the workspaces that it started, and saves their files.
    if status in STARTED and row.get("provisioner"):
        ends: datetime | None = row.get("auto_destroy_at")
        pause_ends: datetime | None = row.get("pause_ends_at")
        return pause_ends if row.get("paused_at") and pause_ends else ends
    return None

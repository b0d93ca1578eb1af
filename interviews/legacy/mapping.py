"""Convert rows of earlier versions to interviews. No I/O.

An old take-home test that was started has a row in both tables. They are one interview, and the row
in `interviews` decides its status. Old rows in `interviews` lack the attribute `tab`, which all
rows of this version have.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from interviews.attributes import LIVE, STATUSES, TAKE_HOME
from interviews.derived_keys import due_at_of, list_key_of, type_status_key_of
from interviews.indexes import TimelineEntry
from interviews.legacy.ids import ID_PREFIX
from interviews.legacy.models import (
    REVOKED,
    Takehome,
    UnreadableRowError,
    interview_id_of,
    is_plausible_date,
    own_fields,
    status_of,
)
from interviews.lifecycle import FINAL, STARTED, EndReason, Status
from interviews.models import Interview
from interviews.retention import ttl_of_ended

# For a live interview without a duration.
DEFAULT_MINUTES = 60
MAX_MINUTES = 24 * 60
# The actor of timeline events before the migration.
EARLIER_VERSION = "An earlier version"

# The status of old rows of `interviews` that this version does not have.
DESTROYED = "destroyed"


def is_migrated(row: Interview) -> bool:
    """True if this version wrote the row; an old portal that still runs may have changed it."""
    return row.list_key is not None and row.status in STATUSES


def to_interview(old: Takehome, joined: Interview | None) -> Interview:
    """Return the interview of an old row; `joined` is its stored row in `interviews`, if any.

    Raises:
        UnreadableRowError: if one of the rows is invalid.
    """
    return _from_both(old, joined) if joined is not None else _from_takehome(old)


def from_row(row: Interview) -> Interview:
    """Return the interview of an old row of `interviews` that has no row in the old table.

    Raises:
        UnreadableRowError: if the row is invalid.
    """
    return _with_defaults(row, dict(row.attribute_values))


def _from_takehome(old: Takehome) -> Interview:
    values = own_fields(old)
    state = status_of(old)
    created_at, until = values["created_at"], values["valid_until"]
    started_at = old.activated_at.replace(microsecond=0) if old.activated_at is not None else None
    ended = None
    if state is Status.EXPIRED:
        ended = until
    elif state in FINAL:
        # The old table has no end time: assume that the candidate used the whole time.
        length = timedelta(minutes=values["duration_minutes"])
        ended = started_at + length if started_at is not None else created_at
    reason = {Status.REVOKED: EndReason.REVOKED, Status.COMPLETED: EndReason.TIME_UP}.get(state)
    values |= {
        "id": interview_id_of(old),
        "type": TAKE_HOME,
        "status": state.value,
        "updated_at": created_at,
        "activated_at": started_at,
        "completed_at": ended,
        "ready_at": started_at if state is Status.COMPLETED else None,
        "end_reason": reason.value if reason is not None and started_at is not None else None,
    }
    return _build_interview(values, state)


def _from_both(old: Takehome, joined: Interview) -> Interview:
    theirs = {key: value for key, value in joined.attribute_values.items() if value is not None}
    values = own_fields(old)
    if old.activated_at is not None:
        values["activated_at"] = old.activated_at.replace(microsecond=0)
    values.setdefault("activated_at", joined.created_at)
    # The interview's own values win over defaults, and the invitation's win over both.
    invitation = {key: values[key] for key in own_fields(old) if values[key] is not None}
    interview = _with_defaults(joined, {**values, **theirs, **invitation, "type": TAKE_HOME})
    if old.status == REVOKED and interview.state is Status.COMPLETED:
        interview.status = Status.REVOKED.value
        interview.type_status_key = type_status_key_of(TAKE_HOME, Status.REVOKED)
        interview.end_reason = EndReason.REVOKED.value
    return interview


def _with_defaults(row: Interview, values: dict[str, Any]) -> Interview:
    """Return the interview of `values`, with missing attributes inferred from the others."""
    _check_row(row)
    type_ = values.get("type") or _infer_type(row)
    candidates = [
        values.get(name)
        for name in ("created_at", "scheduled_at", "activated_at", "updated_at", "completed_at")
    ]
    created_at = next((at for at in candidates if at is not None), datetime.fromtimestamp(0, UTC))
    values |= {"type": type_, "created_at": created_at}
    values.setdefault("updated_at", created_at)
    values["candidate_name"] = values.get("candidate_name") or row.id
    values["challenge"] = values.get("challenge") or "unknown"
    if values.get("duration_minutes") is None:
        values["duration_minutes"] = _infer_minutes(values)
    state = _infer_status(values)
    values["status"] = state.value
    if state is Status.SCHEDULED:
        # Without a time it was due at its creation.
        values.setdefault("scheduled_at", created_at)
    if state in (Status.ACTIVE, Status.DESTROYING, Status.COMPLETED):
        # The old portal did not record when the workspace was ready, only that it was.
        values.setdefault("ready_at", values.get("activated_at") or created_at)
    if state in FINAL and values.get("completed_at") is None:
        ends = [values.get(name) for name in ("destroyed_at", "auto_destroy_at", "updated_at")]
        values["completed_at"] = next((at for at in ends if at is not None), created_at)
    return _build_interview(values, state)


def _check_row(row: Interview) -> None:
    """Check that the values of an old row are usable.

    Raises:
        UnreadableRowError: if they are not.
    """
    for name in row.unreadable_attributes:
        raise UnreadableRowError(f"{name} has an unexpected value.")
    if not row.status:
        raise UnreadableRowError("The status is missing.")
    for name, value in row.attribute_values.items():
        if isinstance(value, datetime) and not is_plausible_date(value):
            stored = Interview.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} isn't a plausible date.")
    if row.duration_minutes is not None and not 0 < float(row.duration_minutes) <= MAX_MINUTES:
        raise UnreadableRowError("durationMinutes is out of range.")


def _build_interview(values: dict[str, Any], state: Status) -> Interview:
    values |= {
        "list_key": list_key_of(values["type"], state),
        "type_status_key": type_status_key_of(values["type"], state),
        "due_at": due_at_of(state, values),
    }
    if not values.get("timeline"):
        values["timeline"] = _infer_timeline(values, state)
    if values.get("outbox") is None:
        # Webhooks and emails are not told about past events.
        values["outbox_done"] = len(values["timeline"])
    if state in FINAL:
        values["ttl"] = max(filter(None, (values.get("ttl"), ttl_of_ended(values["completed_at"]))))
    elif state not in STARTED:
        values["ttl"] = None
    return Interview(**{key: value for key, value in values.items() if value is not None})


def _infer_status(values: dict[str, Any]) -> Status:
    stored = values["status"]
    if stored == DESTROYED:
        return Status.COMPLETED
    if stored not in set(Status):
        raise UnreadableRowError("The status is unknown.")
    is_invitation = values["type"] == TAKE_HOME and values.get("activated_at") is None
    if stored == Status.ACTIVE and is_invitation and not values.get("access_url"):
        # The old portal used "active" for open invitations and for running tests.
        return Status.AVAILABLE
    return Status(stored)


def _infer_type(row: Interview) -> str:
    return TAKE_HOME if row.id.startswith(ID_PREFIX) or row.valid_until is not None else LIVE


def _infer_minutes(values: dict[str, Any]) -> int:
    start = values.get("scheduled_at") or values.get("activated_at") or values["created_at"]
    end = values.get("auto_destroy_at")
    minutes = round((end - start).total_seconds() / 60) if end is not None else 0
    return minutes if 0 < minutes <= MAX_MINUTES else DEFAULT_MINUTES


def _infer_timeline(values: dict[str, Any], state: Status) -> list[TimelineEntry]:
    """Return the timeline that the row's times imply: ordered, with one event per status."""
    is_take_home = values["type"] == TAKE_HOME
    first = Status.AVAILABLE if is_take_home else Status.SCHEDULED
    events = [(first, values["created_at"], values.get("created_by") or EARLIER_VERSION)]
    started_at = values.get("activated_at")
    if started_at is not None:
        events.append(
            (Status.ACTIVATED, started_at, "candidate" if is_take_home else EARLIER_VERSION)
        )
    if state is not events[-1][0]:
        at = values.get("completed_at") if state in FINAL else values.get("updated_at")
        by = (
            "schedule"
            if state is Status.EXPIRED
            else EARLIER_VERSION
            if state in FINAL
            else "worker"
        )
        events.append((state, max(at or events[-1][1], events[-1][1]), by))
    return [TimelineEntry(status=status.value, at=at, by=by) for status, at, by in events]  # type: ignore[no-untyped-call]

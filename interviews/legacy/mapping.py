"""What other versions wrote, as an interview of ours. No I/O, and nothing is written here.

An old take-home that was begun has a row in both tables: they are one interview, and how it stands
is what the row in `interviews` says. Old rows there have no `tab`, which all of ours have.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from interviews.derived_keys import due_at_of, list_key_of, type_status_key_of
from interviews.indexes import TimelineEvent
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
from interviews.models import (
    LIVE,
    RETENTION,
    TAKE_HOME,
    Interview,
)

# A live interview that does not say how long it lasts.
DEFAULT_MINUTES = 60
MAX_MINUTES = 24 * 60
# How the timeline calls who did what before.
EARLIER_VERSION = "An earlier version"

# The statuses that an old row of `interviews` may have, and ours do not.
DESTROYED = "destroyed"


def is_migrated(row: Interview) -> bool:
    """Is it as this version writes it? Another that still runs may have changed one of ours."""
    return row.tab is not None and row.status in set(Status)


def to_interview(old: Takehome, joined: Interview | None) -> Interview:
    """The interview of an old row. `joined`: its row in `interviews` as stored, or None where
    there is none. Raises Unreadable."""
    return _from_both(old, joined) if joined is not None else _from_takehome(old)


def from_row(row: Interview) -> Interview:
    """The interview of an old row of `interviews` by itself. Raises Unreadable."""
    return _with_defaults(row, dict(row.attribute_values))


def _from_takehome(old: Takehome) -> Interview:
    values = own_fields(old)
    state = status_of(old)
    created_at, until = values["created_at"], values["valid_until"]
    begun = old.activated_at.replace(microsecond=0) if old.activated_at is not None else None
    ended = None
    if state is Status.EXPIRED:
        ended = until
    elif state in FINAL:
        # The old table never said when: at the latest when the time was up.
        length = timedelta(minutes=values["duration_minutes"])
        ended = begun + length if begun is not None else created_at
    reason = {Status.REVOKED: EndReason.REVOKED, Status.COMPLETED: EndReason.TIME_UP}.get(state)
    values |= {
        "id": interview_id_of(old),
        "type": TAKE_HOME,
        "status": state.value,
        "updated_at": created_at,
        "activated_at": begun,
        "completed_at": ended,
        "ready_at": begun if state is Status.COMPLETED else None,
        "end_reason": reason.value if reason is not None and begun is not None else None,
    }
    return _build_interview(values, state)


def _from_both(old: Takehome, joined: Interview) -> Interview:
    theirs = {key: value for key, value in joined.attribute_values.items() if value is not None}
    values = own_fields(old)
    if old.activated_at is not None:
        values["activated_at"] = old.activated_at.replace(microsecond=0)
    values.setdefault("activated_at", joined.created_at)
    # What the interview has of its own stays, but for what the invitation knows better.
    invitation = {key: values[key] for key in own_fields(old) if values[key] is not None}
    interview = _with_defaults(joined, {**values, **theirs, **invitation, "type": TAKE_HOME})
    if old.status == REVOKED and interview.state is Status.COMPLETED:
        interview.status = Status.REVOKED.value
        interview.kind = type_status_key_of(TAKE_HOME, Status.REVOKED)
        interview.end_reason = EndReason.REVOKED.value
    return interview


def _with_defaults(row: Interview, values: dict[str, Any]) -> Interview:
    """`values` with what is missing in them, as their other attributes tell it."""
    _check_row(row)
    type_ = values.get("type") or _infer_type(row)
    known = [
        values.get(name)
        for name in ("created_at", "scheduled_at", "activated_at", "updated_at", "completed_at")
    ]
    created_at = next((at for at in known if at is not None), datetime.fromtimestamp(0, UTC))
    values |= {"type": type_, "created_at": created_at}
    values.setdefault("updated_at", created_at)
    values["candidate_name"] = values.get("candidate_name") or row.id
    values["challenge"] = values.get("challenge") or "unknown"
    if values.get("duration_minutes") is None:
        values["duration_minutes"] = _infer_minutes(values)
    state = _infer_status(values)
    values["status"] = state.value
    if state is Status.SCHEDULED:
        # It was wanted at once, which may be long ago: not now.
        values.setdefault("scheduled_at", created_at)
    if state in (Status.ACTIVE, Status.DESTROYING, Status.COMPLETED):
        # When it answered was not written down; that a candidate had it was.
        values.setdefault("ready_at", values.get("activated_at") or created_at)
    if state in FINAL and values.get("completed_at") is None:
        ends = [values.get(name) for name in ("destroyed_at", "auto_destroy_at", "updated_at")]
        values["completed_at"] = next((at for at in ends if at is not None), created_at)
    return _build_interview(values, state)


def _check_row(row: Interview) -> None:
    """Raise Unreadable where another version wrote what nobody can reckon with."""
    for name in row.faults:
        raise UnreadableRowError(f"{name} is not what it should be.")
    if not row.status:
        raise UnreadableRowError("The status is missing.")
    for name, value in row.attribute_values.items():
        if isinstance(value, datetime) and not is_plausible_date(value):
            stored = Interview.get_attributes()[name].attr_name
            raise UnreadableRowError(f"{stored} is no date of an interview.")
    if row.duration_minutes is not None and not 0 < float(row.duration_minutes) <= MAX_MINUTES:
        raise UnreadableRowError("durationMinutes is no length of an interview.")


def _build_interview(values: dict[str, Any], state: Status) -> Interview:
    values |= {
        "tab": list_key_of(values["type"], state),
        "kind": type_status_key_of(values["type"], state),
        "due_at": due_at_of(state, values),
    }
    if not values.get("timeline"):
        values["timeline"] = _infer_timeline(values, state)
    if values.get("outbox") is None:
        # What happened before is passed on to nobody.
        values["outbox_done"] = len(values["timeline"])
    if state in FINAL:
        over = values["completed_at"] + RETENTION + timedelta(days=7)
        values["ttl"] = max(filter(None, (values.get("ttl"), over)))
    elif state not in STARTED:
        values["ttl"] = None
    return Interview(**{key: value for key, value in values.items() if value is not None})


def _infer_status(values: dict[str, Any]) -> Status:
    stored = values["status"]
    if stored == DESTROYED:
        return Status.COMPLETED
    if stored not in set(Status):
        raise UnreadableRowError("The status is none that is known.")
    is_invitation = values["type"] == TAKE_HOME and values.get("activated_at") is None
    if stored == Status.ACTIVE and is_invitation and not values.get("access_url"):
        # One word meant the invitation as well as the running test.
        return Status.AVAILABLE
    return Status(stored)


def _infer_type(row: Interview) -> str:
    return TAKE_HOME if row.id.startswith(ID_PREFIX) or row.valid_until is not None else LIVE


def _infer_minutes(values: dict[str, Any]) -> int:
    begins = values.get("scheduled_at") or values.get("activated_at") or values["created_at"]
    ends = values.get("auto_destroy_at")
    minutes = round((ends - begins).total_seconds() / 60) if ends is not None else 0
    return minutes if 0 < minutes <= MAX_MINUTES else DEFAULT_MINUTES


def _infer_timeline(values: dict[str, Any], state: Status) -> list[TimelineEvent]:
    """As far as the row knows it. No two moments of the same status, and none out of order."""
    is_take_home = values["type"] == TAKE_HOME
    first = Status.AVAILABLE if is_take_home else Status.SCHEDULED
    moments = [(first, values["created_at"], values.get("created_by") or EARLIER_VERSION)]
    begun = values.get("activated_at")
    if begun is not None:
        moments.append((Status.ACTIVATED, begun, "candidate" if is_take_home else EARLIER_VERSION))
    if state is not moments[-1][0]:
        at = values.get("completed_at") if state in FINAL else values.get("updated_at")
        by = (
            "schedule"
            if state is Status.EXPIRED
            else EARLIER_VERSION
            if state in FINAL
            else "worker"
        )
        moments.append((state, max(at or moments[-1][1], moments[-1][1]), by))
    return [TimelineEvent(status=status.value, at=at, by=by) for status, at, by in moments]  # type: ignore[no-untyped-call]

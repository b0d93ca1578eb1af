"""Reschedule a live interview."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from interviews import local_time
from interviews.attributes import LIVE
from interviews.lifecycle import PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.limits import MAX_DURATION
from interviews.search import index
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations import audit
from operations.actions import _planned_time
from operations.actions.plans.conditions import (
    as_seen,
    check_length,
    require_unchanged,
    stored_names,
)
from operations.actions.preconditions import require_room
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import plan_changes
from operations.queue import enqueue

# What a move changes in the words of staff; the other attributes follow from these.
SAID = frozenset({"scheduled_at", "time_zone", "duration_minutes"})


def reschedule(
    interview: Interview,
    *,
    by: str,
    at: datetime | None = None,
    local: str | None = None,
    zone: str | None = None,
    minutes: int | None = None,
    confirm_offset: bool = False,
    notify: bool = True,
    based_on: str | None = None,
) -> None:
    """Move a live interview, or change its length or its time zone, until it is prepared.

    The time is an instant (`at`), a local time such as "2026-12-15T10:00" in `zone`, by default the
    interview's, or both, which must agree unless `confirm_offset` is set. What is left out stays.
    `notify` and `based_on` are those of `edit_invitation`.

    Raises:
        InvalidInputError: if the time is not valid in its zone, is not to come, or is too far
            ahead, or if the length is out of range.
        WrongStateError: if it is being prepared, runs or is over, was changed too often, or is no
            live interview.
        StaleWriteError: if it changed since the person saw it.
    """
    while True:
        require_unchanged(interview, based_on)
        changed = planned_move(
            interview,
            at=at,
            local=local,
            zone=zone,
            minutes=minutes,
            confirm_offset=confirm_offset,
        )
        if not changed:
            return
        require_room(interview)
        try:
            interview.change_plan(
                by=by,
                what=TimelineEvent.RESCHEDULED,
                changed=moved_names(changed),
                notify=notify,
                is_time=True,
                moved_to=changed.get("scheduled_at"),
                zone=changed.get("time_zone", interview.time_zone),
                condition=as_seen(based_on),
                **changed,
            )
        except StaleWriteError:
            enqueue.reload_interview(interview)
            continue
        break
    index.extend_terms(interview)
    plan_changes.queue_messages(interview)
    audit.record(AuditAction.RESCHEDULED, interview.id, detail=_plan_in_words(interview))


def planned_move(
    interview: Interview,
    *,
    at: datetime | None = None,
    local: str | None = None,
    zone: str | None = None,
    minutes: int | None = None,
    confirm_offset: bool = False,
) -> dict[str, Any]:
    """The attributes that `reschedule` would change.

    Raises:
        InvalidInputError: as `reschedule` does.
        WrongStateError: if it cannot be rescheduled.
    """
    if reason := reason_not_to_move(interview):
        raise WrongStateError(reason)
    moved = _planned_time.changes_of_time(interview, at, local, zone, confirm_offset)
    changes = moved | _resized(interview, minutes)
    return {name: new for name, new in changes.items() if getattr(interview, name) != new}


def moved_names(changes: dict[str, Any]) -> list[str]:
    """The stored names of what a move changed in the words of staff, as the timeline has them."""
    return stored_names({name: new for name, new in changes.items() if name in SAID})


def reason_not_to_move(interview: Interview) -> str:
    """Return in a sentence why this interview cannot be rescheduled, or "" if it can."""
    if interview.type != LIVE:
        return _("Only a live interview can be rescheduled.")
    scheduled_at: datetime | None = interview.scheduled_at
    is_scheduled = interview.state is Status.SCHEDULED
    if is_scheduled and scheduled_at is not None:
        return ""
    if is_scheduled or interview.state in PROVISIONING:
        return _(
            "The workspace is being prepared, so the interview can't be rescheduled any more. "
            "Add time or cancel it instead."
        )
    if interview.state is Status.ACTIVE:
        return _(
            "The workspace is ready, so the interview can't be rescheduled any more. "
            "Add time instead."
        )
    return _("This interview can't be rescheduled any more. Status: %(status)s.") % {
        "status": status_label(interview.state)
    }


def _resized(interview: Interview, minutes: int | None) -> dict[str, Any]:
    if minutes is None:
        return {}
    if not 1 <= minutes <= MAX_DURATION:
        raise InvalidInputError(
            "duration_minutes",
            _("Enter a number from %(min)s to %(max)s.") % {"min": 1, "max": MAX_DURATION},
        )
    changes = {"duration_minutes": minutes}
    check_length(interview, "duration_minutes", changes)
    return changes


def _plan_in_words(interview: Interview) -> str:
    """Such as "2026-12-15 10:00 Europe/Berlin, 60 minutes"."""
    zone = interview.time_zone or "UTC"
    local = local_time.utc_to_local(interview.scheduled_at, zone).replace("T", " ")
    return f"{local} {zone}, {int(interview.length.total_seconds() // 60)} minutes"

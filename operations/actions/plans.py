"""Edit an invitation, and reschedule a live interview.

Link, passcode and password stay. Each change is one conditional write: a start that races it finds
the interview either as it was or as it is now, never in between.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from interviews import local_time
from interviews.attributes import LIVE, invited_length
from interviews.lifecycle import NOT_STARTED, PROVISIONING, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.fields import MAX_DURATION
from interviews.schemas.invitations import InvitationEdit
from interviews.search import index, renames
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations import audit, deadlines
from operations.actions import _create, _interviewers, _planned_time
from operations.actions.preconditions import require_room
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import plan_changes
from operations.queue import enqueue

# What may still be changed once the deadline has passed.
AFTER_DEADLINE = frozenset({"valid_until"})
ONLY_TAKE_HOME = frozenset(
    {"valid_until", "duration_minutes", "allowance_percent", "custom_instructions"}
)
ONLY_LIVE = frozenset({"interviewers"})
# No attribute rather than an empty value.
NONE_IF_EMPTY = frozenset({"allowance_percent", "interviewers"})
# A change of these is a change of the candidate's time.
TIME_FIELDS = frozenset({"valid_until", "duration_minutes", "allowance_percent"})
# What a move changes in the words of staff; the other attributes follow from these.
SAID = frozenset({"scheduled_at", "time_zone", "duration_minutes"})


def edit_invitation(
    interview: Interview,
    edit: InvitationEdit,
    *,
    by: str,
    notify: bool = True,
    based_on: str | None = None,
) -> None:
    """Change the fields that `edit` sets, before the start; of an expired one only its deadline.

    A new deadline makes an expired invitation available again. With `notify`, those who were
    written to get the new details. `based_on` is the `write_id` of the row that the person saw.

    Raises:
        InvalidInputError: if a field does not fit this interview; the other values are checked by
            the schema.
        WrongStateError: if it was started, is over, or was changed too often.
        StaleWriteError: if it changed since the person saw it.
    """
    while True:
        _require_unchanged(interview, based_on)
        changes = planned_edit(interview, edit)
        if not changes:
            return
        require_room(interview)
        if "challenge" in changes:
            changes["challenge_version"] = _version_of(changes["challenge"])
        is_renamed = bool({"candidate_name", "candidate_email", "challenge"} & changes.keys())
        if is_renamed:
            index.add_words(interview, renames.words_of(interview, changes))
        try:
            _write_edit(interview, changes, by, notify, based_on)
            is_written = True
        except StaleWriteError:
            is_written = False
        if is_renamed:
            renames.settle_words(interview)
        if is_written:
            break
        enqueue.reload_interview(interview)
    index.extend_terms(interview)
    plan_changes.queue_messages(interview)
    audit.record(AuditAction.EDITED, interview.id, detail=", ".join(changed_names(changes)))


def planned_edit(interview: Interview, edit: InvitationEdit) -> dict[str, Any]:
    """The attributes that `edit_invitation` would change, except the challenge's version.

    Raises:
        InvalidInputError: as `edit_invitation` does.
        WrongStateError: if it cannot be edited.
    """
    if reason := reason_not_to_edit(interview):
        raise WrongStateError(reason)
    changes = _changes(interview, edit)
    _check_fields(interview, changes)
    if "challenge" in changes:
        _create.get_offered_challenge(changes["challenge"])
    return changes


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
        _require_unchanged(interview, based_on)
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
                condition=_as_seen(based_on),
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


def changed_names(changes: dict[str, Any]) -> list[str]:
    """The stored names of what an edit changed, as the timeline has them."""
    follows = {"challenge_version", "status"}
    return _stored_names({name: new for name, new in changes.items() if name not in follows})


def moved_names(changes: dict[str, Any]) -> list[str]:
    """The stored names of what a move changed in the words of staff, as the timeline has them."""
    return _stored_names({name: new for name, new in changes.items() if name in SAID})


def _require_unchanged(interview: Interview, based_on: str | None) -> None:
    """Check that the row is the one that the person saw.

    Raises:
        StaleWriteError: if it is not.
    """
    if based_on and interview.write_id != based_on:
        raise StaleWriteError(interview.id)


def _as_seen(based_on: str | None) -> Any:
    return Interview.write_id == based_on if based_on else None


def reason_not_to_edit(interview: Interview) -> str:
    """Return in a sentence why this invitation cannot be edited, or "" if it can."""
    if interview.is_dry_run:
        return _("A dry run has no invitation.")
    if interview.state in NOT_STARTED:
        return ""
    if interview.state is Status.EXPIRED and interview.is_take_home:
        return ""
    return _("An invitation can only be edited before the start. Status: %(status)s.") % {
        "status": status_label(interview.state)
    }


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


def _changes(interview: Interview, edit: InvitationEdit) -> dict[str, Any]:
    """The fields that are set, and differ from the interview's."""
    given = {name: getattr(edit, name) for name in edit.model_fields_set}
    if "interviewers" in given:
        email = given.get("candidate_email", interview.candidate_email)
        given["interviewers"] = _interviewers.addresses_of(given["interviewers"], email)
    for name in NONE_IF_EMPTY & given.keys():
        # As new rows store it.
        given[name] = given[name] or None
    return {name: new for name, new in given.items() if _stored(interview, name) != new}


def _stored(interview: Interview, name: str) -> Any:
    value = getattr(interview, name)
    return value or None if name in NONE_IF_EMPTY else value


def _check_fields(interview: Interview, changes: dict[str, Any]) -> None:
    is_expired = interview.state is Status.EXPIRED
    for name in changes:
        if name in ONLY_LIVE and interview.is_take_home:
            raise InvalidInputError(name, _("Only live interviews have interviewers."))
        if name in ONLY_TAKE_HOME and not interview.is_take_home:
            raise InvalidInputError(
                name, _("Only take-home tests have this. Reschedule the interview instead.")
            )
        if is_expired and name not in AFTER_DEADLINE:
            raise InvalidInputError(
                name, _("This invitation has expired. Only its deadline can be changed.")
            )
    for name in ("duration_minutes", "allowance_percent"):
        if name in changes:
            _check_length(interview, name, changes)


def _check_length(interview: Interview, name: str, changes: dict[str, Any]) -> None:
    """Check the length with the time that staff gave or took before.

    Raises:
        InvalidInputError: if less than a minute is left, or more than a day.
    """
    invited = invited_length(
        changes.get("duration_minutes", interview.duration_minutes),
        changes.get("allowance_percent", interview.allowance_percent),
    )
    length = invited + timedelta(seconds=int(interview.extra_seconds or 0))
    if not deadlines.MIN_TIME_LEFT <= length <= deadlines.MAX_LENGTH:
        hours = int(deadlines.MAX_LENGTH.total_seconds() // 3600)
        raise InvalidInputError(
            name,
            _("Including time added or taken away, it must be 1 minute to %(hours)s hours.")
            % {"hours": hours},
        )


def _version_of(challenge_id: str) -> int:
    return _create.current_version(_create.get_offered_challenge(challenge_id))


def _write_edit(
    interview: Interview, changes: dict[str, Any], by: str, notify: bool, based_on: str | None
) -> None:
    changed = changed_names(changes)
    if interview.state is Status.EXPIRED:
        interview.move_to(
            Status.AVAILABLE,
            by=by,
            what=TimelineEvent.EDITED,
            changed=changed,
            notify=notify,
            time_changes=int(interview.time_changes or 0) + 1,
            completed_at=None,
            ttl=None,
            **changes,
        )
        return
    interview.change_plan(
        by=by,
        what=TimelineEvent.EDITED,
        changed=changed,
        notify=notify,
        is_time=bool(TIME_FIELDS & changes.keys()),
        condition=_as_seen(based_on),
        **changes,
    )


def _resized(interview: Interview, minutes: int | None) -> dict[str, Any]:
    if minutes is None:
        return {}
    if not 1 <= minutes <= MAX_DURATION:
        raise InvalidInputError(
            "duration_minutes",
            _("Enter a number from %(min)s to %(max)s.") % {"min": 1, "max": MAX_DURATION},
        )
    changes = {"duration_minutes": minutes}
    _check_length(interview, "duration_minutes", changes)
    return changes


def _plan_in_words(interview: Interview) -> str:
    """Such as "2026-12-15 10:00 Europe/Berlin, 60 minutes"."""
    zone = interview.time_zone or "UTC"
    local = local_time.utc_to_local(interview.scheduled_at, zone).replace("T", " ")
    return f"{local} {zone}, {int(interview.length.total_seconds() // 60)} minutes"


def _stored_names(changes: dict[str, Any]) -> list[str]:
    attributes = Interview.get_attributes()
    return sorted(str(attributes[name].attr_name) for name in changes)

"""Edit an invitation."""

from typing import Any

from django.utils.translation import gettext as _

from interviews.lifecycle import NOT_STARTED, Status
from interviews.models import Interview, StaleWriteError
from interviews.schemas.invitations import InvitationEdit
from interviews.search import index, renames
from interviews.status_labels import status_label
from interviews.timeline import TimelineEvent
from operations import audit
from operations.actions import _create, _interviewers
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
        require_unchanged(interview, based_on)
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


def changed_names(changes: dict[str, Any]) -> list[str]:
    """The stored names of what an edit changed, as the timeline has them."""
    follows = {"challenge_version", "status"}
    return stored_names({name: new for name, new in changes.items() if name not in follows})


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
            check_length(interview, name, changes)


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
        condition=as_seen(based_on),
        **changes,
    )

"""The email that an action would send to the candidate. Nothing is changed, queued or recorded.

Each function checks as its action does, and raises the same errors.
"""

from typing import Any

from django.utils.translation import gettext as _

from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from interviews.timeline import TimelineEvent
from operations.actions import ending, invitations
from operations.actions import time as extra_time
from operations.actions.plans import edits, moves
from operations.exceptions import WrongStateError
from operations.mail import outbox, resend
from operations.mail.previews import EmailPreview, preview_change, preview_message
from operations.mail.subjects import invitation_kind


def preview_invitation(invitation: TakeHomeInvitation | LiveInvitation, *, by: str) -> EmailPreview:
    """Draw the email of `invite` or `schedule_live`.

    Raises:
        InvalidInputError: if the challenge is unknown, or email is not set up.
        WrongStateError: if no email is sent.
    """
    outbox.require_mail_enabled(invitation)
    if not invitation.send_email or invitation.candidate_email is None:
        raise WrongStateError(
            _("The candidate gets no email. Tick “Email the link to the candidate” to send one.")
        )
    interview = invitations.draft_interview(invitation, by=by)
    kind = invitation_kind(interview)
    return preview_message(
        outbox.draft_message(interview, kind, invitation.time_zone, by), interview
    )


def preview_resend(interview: Interview, *, by: str, to: str | None = None) -> EmailPreview:
    """Draw the email of `resend.resend_invitation`, with the same errors."""
    address = resend.resend_address(interview, to)
    copy = interview.with_change(candidate_email=address)
    return preview_message(resend.draft_resend(copy, by), copy)


def preview_reminder(interview: Interview, *, by: str) -> EmailPreview:
    """Draw the email of `resend.send_reminder`, with the same errors."""
    resend.resend_address(interview)
    return preview_message(resend.draft_reminder(interview, by), interview)


def preview_edit(interview: Interview, edit: InvitationEdit, *, by: str) -> EmailPreview:
    """Draw the email of `edit_invitation`."""
    changes = edits.planned_edit(interview, edit)
    what = TimelineEvent.EDITED
    if interview.state is Status.EXPIRED:
        changes["status"] = Status.AVAILABLE.value
    changed = edits.changed_names(changes)
    return _preview(interview, by, what, changes, changed=changed)


def preview_reschedule(interview: Interview, *, by: str, **plan: Any) -> EmailPreview:
    """Draw the email of `reschedule`; `plan` are its arguments of time and length."""
    changes = moves.planned_move(interview, **plan)
    what = TimelineEvent.RESCHEDULED
    zone: str | None = changes.get("time_zone", interview.time_zone)
    changed = moves.moved_names(changes)
    return _preview(interview, by, what, changes, changed=changed, zone=zone)


def preview_extension(interview: Interview, minutes: int, *, by: str) -> EmailPreview:
    """Draw the email of `extend`."""
    changes = extra_time.planned_extension(interview, minutes)
    return _preview(interview, by, TimelineEvent.EXTENDED, changes, seconds=minutes * 60)


def preview_withdrawal(interview: Interview, *, by: str) -> EmailPreview:
    """Draw the email of `revoke`."""
    return preview_change(interview.with_change(by=by, **ending.planned_withdrawal(interview)))


def _preview(
    interview: Interview, by: str, what: TimelineEvent, changes: dict[str, Any], **details: Any
) -> EmailPreview:
    if not changes:
        raise WrongStateError(_("Nothing was changed yet, so no email is sent."))
    return preview_change(interview.with_change(by=by, what=what, details=details, **changes))

"""Editing an invitation and rescheduling a live interview in the admin.

An action may be run on several records, so the forms show no current values: what is left empty
stays as it is.
"""

from typing import Any

from django import forms
from pydantic import ValidationError

from dashboard.admin.actions import RecordAction
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters.confirmations import Confirmation
from dashboard.presenters.interview_row import Row
from interviews.models import Interview
from interviews.schemas import MAX_ALLOWANCE, MAX_DURATION, MAX_INSTRUCTIONS, InvitationEdit
from interviews.validation_messages import validation_message
from operations import actions
from operations.exceptions import InvalidInputError

KEPT = "Leave blank to keep it."


class NotifyForm(forms.Form):
    notify = forms.BooleanField(
        label="Tell everyone who was e-mailed",
        initial=True,
        required=False,
        help_text="If e-mail is set up. Others please tell yourself.",
    )


class RescheduleForm(NotifyForm):
    scheduled_local = forms.CharField(
        label="Date and time",
        required=False,
        help_text=KEPT,
        widget=forms.TextInput({"type": "datetime-local"}),
    )
    time_zone = forms.CharField(
        required=False, help_text="Such as Europe/Berlin. Leave blank for the interview's."
    )
    duration_minutes = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_DURATION, help_text=KEPT
    )
    field_order = ("scheduled_local", "time_zone", "duration_minutes", "notify")


class EditForm(NotifyForm):
    candidate_name = forms.CharField(required=False, help_text=KEPT)
    candidate_email = forms.CharField(label="E-mail", required=False, help_text=KEPT)
    challenge = forms.CharField(
        required=False, help_text="A challenge's id. Leave blank to keep it."
    )
    duration_minutes = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_DURATION, help_text=KEPT
    )
    allowance_percent = forms.IntegerField(
        label="Extra time (percent)",
        required=False,
        min_value=0,
        max_value=MAX_ALLOWANCE,
        help_text=KEPT,
    )
    valid_until = forms.DateTimeField(
        label="Deadline (UTC)",
        required=False,
        help_text="Also of an expired invitation. Leave blank to keep it.",
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )
    custom_instructions = forms.CharField(
        label="Instructions",
        required=False,
        max_length=MAX_INSTRUCTIONS,
        help_text=KEPT,
        widget=forms.Textarea({"rows": 3}),
    )
    field_order = (
        "candidate_name",
        "candidate_email",
        "challenge",
        "duration_minutes",
        "allowance_percent",
        "valid_until",
        "custom_instructions",
        "notify",
    )


def _row(interview: Interview) -> Row:
    return Row(interview, "", "", Actor("", frozenset(Permission)))


def _edit(interview: Interview, by: str, values: dict[str, Any]) -> str:
    given = {
        name: value
        for name, value in values.items()
        if name != "notify" and value not in ("", None)
    }
    try:
        edit = InvitationEdit.model_validate(given)
    except ValidationError as errors:
        error = errors.errors()[0]
        names = {field.alias: name for name, field in InvitationEdit.model_fields.items()}
        place = str(error["loc"][0])
        raise InvalidInputError(names.get(place, place), validation_message(dict(error))) from None
    actions.edit_invitation(interview, edit, by=by, notify=values["notify"])
    return ", ".join(sorted(given))


def _reschedule(interview: Interview, by: str, values: dict[str, Any]) -> str:
    actions.reschedule(
        interview,
        by=by,
        local=values["scheduled_local"] or None,
        zone=values["time_zone"] or None,
        minutes=values["duration_minutes"],
        notify=values["notify"],
    )
    return str(values["scheduled_local"])


def _confirm_edit(interview: Interview) -> Confirmation:
    text = "The link stays, and the candidate's page shows the change right away."
    return Confirmation("Edit the invitation?", text, "Save", "The invitation was saved.")


def _confirm_reschedule(interview: Interview) -> Confirmation:
    text = "Link and password stay, and the candidate's page shows the new time right away."
    done = "The interview was rescheduled."
    return Confirmation("Reschedule the interview?", text, "Reschedule", done)


RESCHEDULE = RecordAction(
    "reschedule",
    "Reschedule",
    Permission.MANAGE,
    lambda interview: _row(interview).can_reschedule,
    _confirm_reschedule,
    _reschedule,
    form=RescheduleForm,
)
EDIT = RecordAction(
    "edit",
    "Edit the invitation",
    Permission.MANAGE,
    lambda interview: _row(interview).can_edit,
    _confirm_edit,
    _edit,
    form=EditForm,
)

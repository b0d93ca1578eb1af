"""The actions on interviews in the admin, the same as on the pages.

An action may be run on several records, so the forms that edit and reschedule show no current
values: what is left empty stays as it is.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from pydantic import ValidationError

from dashboard.admin.actions import RecordAction
from dashboard.forms.interviewers import names_in
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters.interviews import confirmations
from dashboard.presenters.interviews.confirmations import Confirmation, ConfirmedAction
from dashboard.presenters.interviews.row import Row
from interviews.models import Interview
from interviews.schemas.fields import MAX_ALLOWANCE, MAX_DURATION, MAX_INSTRUCTIONS
from interviews.schemas.invitations import InvitationEdit
from interviews.schemas.validation_messages import field_messages
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


class PlanForm(NotifyForm):
    duration_minutes = forms.IntegerField(
        label="Duration (minutes)",
        required=False,
        min_value=1,
        max_value=MAX_DURATION,
        help_text=KEPT,
    )


class RescheduleForm(PlanForm):
    scheduled_local = forms.CharField(
        label="Date and time",
        required=False,
        help_text=KEPT,
        widget=forms.TextInput({"type": "datetime-local"}),
    )
    time_zone = forms.CharField(
        required=False, help_text="Such as Europe/Berlin. Leave blank for the interview's."
    )
    field_order = ("scheduled_local", "time_zone", "duration_minutes", "notify")


class EditForm(PlanForm):
    candidate_name = forms.CharField(required=False, help_text=KEPT)
    candidate_email = forms.CharField(label="E-mail", required=False, help_text=KEPT)
    challenge = forms.CharField(
        required=False, help_text="A challenge's id. Leave blank to keep it."
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
    interviewers = forms.CharField(
        required=False,
        help_text="Of a live interview: e-mail addresses or user names, with commas or new lines "
        "between. They replace those that it has, and each new one gets the calendar entry by "
        "e-mail. Leave blank to keep them.",
        widget=forms.Textarea({"rows": 2}),
    )
    field_order = (
        "candidate_name",
        "candidate_email",
        "challenge",
        "interviewers",
        "duration_minutes",
        "allowance_percent",
        "valid_until",
        "custom_instructions",
        "notify",
    )


class MinutesForm(NotifyForm):
    minutes = forms.IntegerField(
        min_value=-actions.MAX_EXTENSION,
        max_value=actions.MAX_EXTENSION,
        help_text="With a minus they are taken away.",
        error_messages={"required": "This is missing.", "invalid": "This must be a whole number."},
    )
    field_order = ("minutes", "notify")


def _if_row(is_available: Callable[[Row], bool]) -> Callable[[Interview], bool]:
    """Ask the row of an actor with every permission: availability depends on the state only."""
    everything = Actor("", frozenset(Permission))
    return lambda interview: is_available(Row(interview, "", "", everything))


def _from_confirmed(
    action: ConfirmedAction, title: str, is_available: Callable[[Row], bool]
) -> RecordAction:
    def run(interview: Interview, by: str, values: dict[str, Any]) -> str:
        action.run(interview, by, **values)
        return ""

    return RecordAction(
        action.verb,
        title,
        Permission.MANAGE,
        _if_row(is_available),
        action.confirmation,
        run,
        form=NotifyForm if action.notifies else None,
        is_destructive=action.tone == "danger",
    )


def _edit(interview: Interview, by: str, values: dict[str, Any]) -> str:
    given = {
        name: value
        for name, value in values.items()
        if name != "notify" and value not in ("", None)
    }
    if "interviewers" in given:
        given["interviewers"] = names_in(given["interviewers"])
    try:
        edit = InvitationEdit.model_validate(given)
    except ValidationError as errors:
        raise InvalidInputError(*field_messages(errors, InvitationEdit)[0]) from None
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


def _extend(interview: Interview, by: str, values: dict[str, Any]) -> str:
    actions.extend(interview, values["minutes"], by=by, notify=values["notify"])
    return f"{values['minutes']} minutes"


def _delete(interview: Interview, by: str, values: dict[str, Any]) -> str:
    confirmations.DELETE.run(interview, by)
    return str(interview.candidate_name)


RECORD_ACTIONS = (
    _from_confirmed(confirmations.RETRY, "Try again", lambda row: row.can_retry),
    RecordAction(
        "reschedule",
        "Reschedule",
        Permission.MANAGE,
        _if_row(lambda row: row.can_reschedule),
        lambda interview: Confirmation(
            "Reschedule the interview?",
            "Link and password stay, and the candidate's page shows the new time right away.",
            "Reschedule",
            "The interview was rescheduled.",
        ),
        _reschedule,
        form=RescheduleForm,
    ),
    RecordAction(
        "edit",
        "Edit the invitation",
        Permission.MANAGE,
        _if_row(lambda row: row.can_edit),
        lambda interview: Confirmation(
            "Edit the invitation?",
            "The link stays, and the candidate's page shows the change right away.",
            "Save",
            "The invitation was saved.",
        ),
        _edit,
        form=EditForm,
    ),
    RecordAction(
        "extend",
        "Give or take time",
        Permission.MANAGE,
        _if_row(lambda row: row.can_extend),
        lambda interview: Confirmation(
            "More time?",
            "The candidate's page says so, with the new deadline.",
            "Change the time",
            "The time was changed.",
        ),
        _extend,
        form=MinutesForm,
    ),
    _from_confirmed(confirmations.END, "End", lambda row: row.can_end),
    _from_confirmed(
        confirmations.END_WITHOUT_SAVING, "End without saving", lambda row: row.can_give_up_files
    ),
    _from_confirmed(confirmations.REVOKE, "Revoke or cancel", lambda row: row.can_revoke),
    RecordAction(
        "delete",
        "Delete for good",
        Permission.DELETE,
        _if_row(lambda row: row.can_delete),
        confirmations.DELETE.confirmation,
        _delete,
        is_destructive=True,
        deletes=True,
    ),
)

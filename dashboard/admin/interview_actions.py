"""The actions on interviews in the admin, the same as on the pages.

An action may be run on several records, so the forms that edit and reschedule show no current
values: what is left empty stays as it is.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from dashboard.admin.actions import RecordAction
from dashboard.forms.interviewers import names_in
from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters.interviews import confirmations
from dashboard.presenters.interviews.confirmation import Confirmation, ConfirmedAction
from dashboard.presenters.interviews.rows.row import Row
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from interviews.schemas.limits import MAX_ALLOWANCE, MAX_DURATION, MAX_INSTRUCTIONS
from interviews.schemas.validation_messages import field_messages
from operations import actions
from operations.exceptions import InvalidInputError

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

KEPT = gettext_lazy("Leave blank to keep the current value.")


class NotifyForm(forms.Form):
    notify = forms.BooleanField(
        label=gettext_lazy("Email everyone who was notified before"),
        initial=True,
        required=False,
        help_text=gettext_lazy("Needs email to be set up. Tell everyone else yourself."),
    )


class PlanForm(NotifyForm):
    duration_minutes = forms.IntegerField(
        label=gettext_lazy("Time limit (minutes)"),
        required=False,
        min_value=1,
        max_value=MAX_DURATION,
        help_text=KEPT,
    )


class RescheduleForm(PlanForm):
    scheduled_local = forms.CharField(
        label=gettext_lazy("Date and time"),
        required=False,
        help_text=KEPT,
        widget=forms.TextInput({"type": "datetime-local"}),
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Such as Europe/Berlin. Leave blank to keep the interview's."),
    )
    field_order = ("scheduled_local", "time_zone", "duration_minutes", "notify")


class EditForm(PlanForm):
    candidate_name = forms.CharField(
        label=gettext_lazy("Candidate"), required=False, help_text=KEPT
    )
    candidate_email = forms.CharField(label=gettext_lazy("Email"), required=False, help_text=KEPT)
    challenge = forms.CharField(
        label=gettext_lazy("Challenge"),
        required=False,
        help_text=gettext_lazy("A challenge's ID. Leave blank to keep the current one."),
    )
    allowance_percent = forms.IntegerField(
        label=gettext_lazy("Extra time (percent)"),
        required=False,
        min_value=0,
        max_value=MAX_ALLOWANCE,
        help_text=KEPT,
    )
    valid_until = forms.DateTimeField(
        label=gettext_lazy("Start by (UTC)"),
        required=False,
        help_text=gettext_lazy(
            "Also works for an expired invitation. Leave blank to keep the current value."
        ),
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )
    custom_instructions = forms.CharField(
        label=gettext_lazy("Instructions"),
        required=False,
        max_length=MAX_INSTRUCTIONS,
        help_text=KEPT,
        widget=forms.Textarea({"rows": 3}),
    )
    interviewers = forms.CharField(
        label=gettext_lazy("Interviewers"),
        required=False,
        help_text=gettext_lazy(
            "For live interviews: email addresses or usernames, separated by commas or new lines. "
            "They replace the current ones, and each new one gets a calendar entry by email. Leave "
            "blank to keep the current ones."
        ),
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
        label=gettext_lazy("Extra minutes"),
        min_value=-actions.MAX_EXTENSION,
        max_value=actions.MAX_EXTENSION,
        help_text=gettext_lazy("Use a minus sign to shorten."),
        error_messages={
            "required": gettext_lazy("Enter the number of minutes."),
            "invalid": gettext_lazy("Enter a whole number."),
        },
    )
    field_order = ("minutes", "notify")


def _if_row(is_available: Callable[[Row], bool]) -> Callable[[Interview], bool]:
    """Ask the row of an actor with every permission: availability depends on the state only."""
    everything = Actor("", frozenset(Permission))
    return lambda interview: is_available(Row(interview, "", "", everything))


def _from_confirmed(
    action: ConfirmedAction, title: "_StrOrPromise", is_available: Callable[[Row], bool]
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
    _from_confirmed(confirmations.RETRY, gettext_lazy("Try again"), lambda row: row.can_retry),
    RecordAction(
        "reschedule",
        gettext_lazy("Reschedule"),
        Permission.MANAGE,
        _if_row(lambda row: row.can_reschedule),
        lambda interview: Confirmation(
            _("Reschedule the interview?"),
            _("Link and password stay. The candidate's page shows the new time right away."),
            _("Reschedule"),
            _("The interview was rescheduled."),
        ),
        _reschedule,
        form=RescheduleForm,
    ),
    RecordAction(
        "edit",
        gettext_lazy("Edit invitation"),
        Permission.MANAGE,
        _if_row(lambda row: row.can_edit),
        lambda interview: Confirmation(
            _("Edit the invitation?"),
            _("The link stays. The candidate's page shows the change right away."),
            _("Save"),
            _("The invitation was saved."),
        ),
        _edit,
        form=EditForm,
    ),
    RecordAction(
        "extend",
        gettext_lazy("Change time"),
        Permission.MANAGE,
        _if_row(lambda row: row.can_extend),
        lambda interview: Confirmation(
            _("Change the time?"),
            _("The candidate is notified right away."),
            _("Update time"),
            _("The time was changed."),
        ),
        _extend,
        form=MinutesForm,
    ),
    _from_confirmed(confirmations.END, gettext_lazy("Stop now"), lambda row: row.can_end),
    _from_confirmed(
        confirmations.END_WITHOUT_SAVING,
        gettext_lazy("Stop without saving"),
        lambda row: row.can_give_up_files,
    ),
    _from_confirmed(
        confirmations.REVOKE, gettext_lazy("Withdraw or cancel"), lambda row: row.can_revoke
    ),
    RecordAction(
        "delete",
        gettext_lazy("Delete permanently"),
        Permission.DELETE,
        _if_row(lambda row: row.can_delete),
        confirmations.DELETE.confirmation,
        _delete,
        is_destructive=True,
        deletes=True,
    ),
)

"""The forms of the page *People*: widgets only. `dashboard.people.actions` has the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.people.actions import MAX_NAME, PersonInput
from dashboard.permissions.roles import INTERVIEWER
from dashboard.presenters.people import role_choices
from interviews.schemas.limits import MAX_EMAIL


class PersonForm(forms.Form):
    """A person to invite. Only roles whose permissions the manager has are offered."""

    name = forms.CharField(
        label=_("Name"),
        widget=forms.TextInput({"maxlength": MAX_NAME, "autocomplete": "off", "required": True}),
        required=False,
    )
    email = forms.CharField(
        label=_("Email"),
        widget=forms.EmailInput({"maxlength": MAX_EMAIL, "autocomplete": "off", "required": True}),
        required=False,
    )
    role = forms.ChoiceField(label=_("Role"), error_messages={"required": _("Choose a role.")})
    send_email = forms.BooleanField(label=_("Email the link"), required=False)

    def __init__(self, roles: list[str], *, mail_is_on: bool, data: Any = None) -> None:
        initial = {"role": INTERVIEWER, "send_email": mail_is_on}
        super().__init__(data, initial=initial, label_suffix="", auto_id="invite_%s")
        self.fields["role"].choices = role_choices(roles)  # type: ignore[attr-defined]
        if not mail_is_on:
            del self.fields["send_email"]

    def wanted(self) -> PersonInput:
        values = self.cleaned_data
        return PersonInput(values["name"], values["email"], values["role"])


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(label=_("Role"), error_messages={"required": _("Choose a role.")})

    def __init__(self, roles: list[str], role: str, data: Any = None) -> None:
        super().__init__(data, initial={"role": role}, label_suffix="")
        none = [] if role else [("", "—")]
        self.fields["role"].choices = [*none, *role_choices(roles)]  # type: ignore[attr-defined]

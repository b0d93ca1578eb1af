"""Forms of invitations: widgets only. interviews.schemas has the rules."""

import json
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import ValidationError as InvitationError

from dashboard.forms.local_times import FIELD_OF
from dashboard.presenters import durations
from interviews.challenges.models import Challenge
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from interviews.schemas.limits import (
    DEFAULT_DURATION,
    DEFAULT_VALID_DAYS,
    DURATIONS,
    MAX_ALLOWANCE,
    MAX_DURATION,
    MAX_EMAIL,
    MAX_INSTRUCTIONS,
    MAX_NAME,
    MAX_VALID_DAYS,
)
from interviews.schemas.validation_messages import field_messages

CUSTOM = "custom"
ALLOWANCES = (25, 50, 100)

Rules = TypeVar("Rules", bound=Schema)


def _title(challenge: Challenge) -> str:
    return f"{challenge.name} ({challenge.language})" if challenge.language else challenge.name


def challenge_choices(offered: list[Challenge]) -> list[tuple[str, str]]:
    return [(str(challenge.id), _title(challenge)) for challenge in offered]


class InvitationForm(forms.Form):
    """Fields of every invitation. `check` validates them by the rules of interviews.schemas."""

    follows_challenge = False
    # The field that holds the value if "another…" is chosen.
    other = {"duration_minutes": "custom_minutes"}
    # Set once the form is valid.
    invitation: TakeHomeInvitation | LiveInvitation

    candidate_name = forms.Field(
        label=gettext_lazy("Candidate"),
        widget=forms.TextInput(
            {"maxlength": MAX_NAME, "required": True, "autocomplete": "off", "autofocus": True}
        ),
    )
    challenge = forms.Field(label=gettext_lazy("Challenge"))
    duration_minutes = forms.Field(
        label=gettext_lazy("Time limit"),
        initial=DEFAULT_DURATION,
        widget=forms.Select(
            choices=[
                *((n, lazy(durations.minutes, str)(n)) for n in DURATIONS),
                (CUSTOM, gettext_lazy("Custom…")),
            ]
        ),
    )
    custom_minutes = forms.Field(
        label=gettext_lazy("Minutes"),
        help_text=format_lazy(gettext_lazy("1 to {limit}."), limit=MAX_DURATION),
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION}),
    )

    candidate_email = forms.Field(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("Optional."),
        widget=forms.TextInput({"type": "email", "maxlength": MAX_EMAIL, "autocomplete": "off"}),
    )
    send_email = forms.Field(
        label=gettext_lazy("Email the link to the candidate"), widget=forms.CheckboxInput()
    )

    def __init__(self, offered: list[Challenge], data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.offered = offered
        self.mail_is_on = settings.MAIL_IS_ON
        for field in self.fields.values():
            field.required = False
        choices = [("", _("Choose a challenge")), *challenge_choices(offered)]
        # A script fills in the challenge's usual duration, unless one was chosen.
        usual = {challenge.id: int(challenge.duration_minutes) for challenge in offered}
        attrs: dict[str, Any] = {"required": True}
        if self.follows_challenge:
            attrs["data-durations"] = json.dumps(usual)
        self.fields["challenge"].widget = forms.Select(attrs, choices)

    def check(self, rules: type[Rules], **read: object) -> Rules | None:
        """The invitation, or None after adding the errors to their fields.

        `read` replaces values that the form had to parse first.
        """
        values = {name: self.data.get(name, "") for name in rules.model_fields} | read
        values["send_email"] = "send_email" in self.data
        fields = dict(FIELD_OF)
        for name, other in self.other.items():
            if values[name] == CUSTOM:
                values[name] = self.data.get(other, "")
                fields[name] = other
        try:
            return rules.model_validate(values)
        except InvitationError as errors:
            for name, message in field_messages(errors, rules):
                self.add_error(fields.get(name, name), message)
            return None


class InviteForm(InvitationForm):
    """A take-home test."""

    follows_challenge = True
    other = InvitationForm.other | {"allowance_percent": "custom_percent"}

    valid_days = forms.Field(
        label=gettext_lazy("Days to start"),
        initial=DEFAULT_VALID_DAYS,
        help_text=format_lazy(
            gettext_lazy("Days the candidate has to start (1 to {limit})."), limit=MAX_VALID_DAYS
        ),
        widget=forms.NumberInput({"min": 1, "max": MAX_VALID_DAYS, "required": True}),
    )
    allowance_percent = forms.Field(
        label=gettext_lazy("Extra time (accommodation)"),
        initial=0,
        help_text=gettext_lazy("As agreed with the candidate."),
        widget=forms.Select(
            choices=[
                (0, gettext_lazy("None")),
                *((n, format_lazy("+{}", lazy(durations.percent, str)(n))) for n in ALLOWANCES),
                (CUSTOM, gettext_lazy("Custom…")),
            ]
        ),
    )
    custom_percent = forms.Field(
        label=gettext_lazy("Extra time in percent"),
        help_text=format_lazy(gettext_lazy("0 to {limit}."), limit=MAX_ALLOWANCE),
        widget=forms.NumberInput({"min": 0, "max": MAX_ALLOWANCE}),
    )
    # The zone of the times in the e-mail.
    zone = forms.Field(
        label=gettext_lazy("Time zone"),
        initial="UTC",
        widget=forms.HiddenInput({"data-viewer-zone": True}),
    )
    custom_instructions = forms.Field(
        label=gettext_lazy("Instructions"),
        help_text=gettext_lazy("Optional. The candidate sees them before starting."),
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_INSTRUCTIONS}),
    )

    invitation: TakeHomeInvitation

    def clean(self) -> dict[str, Any]:
        """Set `invitation`."""
        # A form without this field has no allowance.
        allowance = self.data.get("allowance_percent", "0")
        zone = self.data.get("zone") or "UTC"
        invitation = self.check(TakeHomeInvitation, allowance_percent=allowance, time_zone=zone)
        if invitation is not None:
            self.invitation = invitation
        return self.cleaned_data

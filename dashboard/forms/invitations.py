"""Forms of invitations: widgets only. interviews.schemas has the rules."""

import json
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.http import QueryDict
from ninja import Schema
from pydantic import ValidationError as InvitationError

from dashboard.forms.local_times import FIELD_OF
from dashboard.presenters import durations
from interviews.challenges.models import Challenge
from interviews.schemas.fields import (
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
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
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
        label="Candidate",
        widget=forms.TextInput(
            {"maxlength": MAX_NAME, "required": True, "autocomplete": "off", "autofocus": True}
        ),
    )
    challenge = forms.Field()
    duration_minutes = forms.Field(
        label="Duration",
        initial=DEFAULT_DURATION,
        widget=forms.Select(
            choices=[*((n, durations.minutes(n)) for n in DURATIONS), (CUSTOM, "Another duration…")]
        ),
    )
    custom_minutes = forms.Field(
        label="Minutes",
        help_text=f"1 to {MAX_DURATION}.",
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION}),
    )

    candidate_email = forms.Field(
        label="E-mail",
        help_text="Optional.",
        widget=forms.TextInput({"type": "email", "maxlength": MAX_EMAIL, "autocomplete": "off"}),
    )
    send_email = forms.Field(label="Send the link by e-mail", widget=forms.CheckboxInput())

    def __init__(self, offered: list[Challenge], data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.offered = offered
        self.mail_is_on = settings.MAIL_IS_ON
        for field in self.fields.values():
            field.required = False
        choices = [("", "Choose a challenge"), *challenge_choices(offered)]
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
        label="Valid for (days)",
        initial=DEFAULT_VALID_DAYS,
        help_text=f"1 to {MAX_VALID_DAYS}; the candidate starts within these.",
        widget=forms.NumberInput({"min": 1, "max": MAX_VALID_DAYS, "required": True}),
    )
    allowance_percent = forms.Field(
        label="More time (accessibility)",
        initial=0,
        help_text="As agreed with the candidate.",
        widget=forms.Select(
            choices=[
                (0, "None"),
                *((n, f"{n} % more") for n in ALLOWANCES),
                (CUSTOM, "Another share…"),
            ]
        ),
    )
    custom_percent = forms.Field(
        label="Percent more",
        help_text=f"0 to {MAX_ALLOWANCE}.",
        widget=forms.NumberInput({"min": 0, "max": MAX_ALLOWANCE}),
    )
    # The zone of the times in the e-mail.
    zone = forms.Field(
        label="Time zone", initial="UTC", widget=forms.HiddenInput({"data-viewer-zone": True})
    )
    custom_instructions = forms.Field(
        label="Instructions",
        help_text="Optional. The candidate reads them before the start.",
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

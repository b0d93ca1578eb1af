"""The forms of the dashboard. The rules are elsewhere; here is what the fields look like."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from pydantic import ValidationError as InvitationError

from dashboard.sentences import sentence
from interviews.challenges import Challenge
from interviews.invitation import (
    DEFAULT_DURATION,
    DEFAULT_VALID_DAYS,
    DURATIONS,
    MAX_DURATION,
    MAX_INSTRUCTIONS,
    MAX_NAME,
    MAX_VALID_DAYS,
    TakeHomeInvitation,
)

CUSTOM = "custom"


def in_words(minutes: int) -> str:
    """45 -> "45 min", 90 -> "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (hours and f"{hours} h", rest and f"{rest} min") if part)


def _title(challenge: Challenge) -> str:
    return f"{challenge.name} ({challenge.language})" if challenge.language else challenge.name


class InviteForm(forms.Form):
    """Widgets only: what may be in them is TakeHomeInvitation's rule, so clean() asks it."""

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
            choices=[*((n, in_words(n)) for n in DURATIONS), (CUSTOM, "Another duration…")]
        ),
    )
    custom_minutes = forms.Field(
        label="Minutes",
        help_text=f"1 to {MAX_DURATION}.",
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION}),
    )
    valid_days = forms.Field(
        label="Valid for (days)",
        initial=DEFAULT_VALID_DAYS,
        help_text=f"1 to {MAX_VALID_DAYS}; the candidate starts within these.",
        widget=forms.NumberInput({"min": 1, "max": MAX_VALID_DAYS, "required": True}),
    )
    custom_instructions = forms.Field(
        label="Instructions",
        help_text="Optional. The candidate reads them before the start.",
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_INSTRUCTIONS}),
    )

    invitation: TakeHomeInvitation

    def __init__(self, offered: list[Challenge], data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")
        for field in self.fields.values():
            field.required = False
        names = ((challenge.id, _title(challenge)) for challenge in offered)
        choices = [("", "Choose a challenge"), *names]
        self.fields["challenge"].widget = forms.Select({"required": True}, choices)

    def clean(self) -> dict[str, Any]:
        """Sets `invitation`, or says at each field what pydantic says of it."""
        given = {name: str(self.data.get(name, "")) for name in TakeHomeInvitation.model_fields}
        is_custom = given["duration_minutes"] == CUSTOM
        if is_custom:
            given["duration_minutes"] = str(self.data.get("custom_minutes", ""))
        try:
            self.invitation = TakeHomeInvitation.model_validate(given)
        except InvitationError as errors:
            fields = {to_alias(name): name for name in TakeHomeInvitation.model_fields}
            for error in errors.errors():
                name = fields.get(str(error["loc"][0]), str(error["loc"][0]))
                if name == "duration_minutes" and is_custom:
                    name = "custom_minutes"
                self.add_error(name, sentence(dict(error)))
        return self.cleaned_data


def to_alias(name: str) -> str:
    """The name under which pydantic reports a field of the invitation."""
    return TakeHomeInvitation.model_fields[name].alias or name


class SignInForm(AuthenticationForm):
    """Django's own, for staff. A wrong password and an unknown user get the same answer."""

    error_messages = {
        "invalid_login": "This user name and password do not belong together.",
        "inactive": "This user name and password do not belong together.",
    }

    def __init__(self, request: HttpRequest, data: QueryDict | None = None) -> None:
        super().__init__(request, data, label_suffix="")

    def confirm_login_allowed(self, user: User) -> None:
        """Only asked once the password was right: nobody else learns what the account is."""
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise ValidationError(
                "This account is not one of staff. Candidates need none: they open their link.",
                code="not_staff",
            )

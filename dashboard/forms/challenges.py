"""The form of a challenge: widgets only. interviews.challenges.schemas has the rules."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from interviews.challenges.models import Version
from interviews.challenges.policy import MAX_NOTE, MEANS, STANCES
from interviews.challenges.schemas import (
    DEFAULT_MINUTES,
    MAX_CPUS,
    MAX_DESCRIPTION,
    MAX_LANGUAGE,
    MAX_MEMORY,
    MAX_TITLE,
    MIN_CPUS,
    MIN_MEMORY,
    ChallengeRules,
    NewChallengeRules,
)
from interviews.schemas.limits import MAX_DURATION
from interviews.schemas.validation_messages import field_messages

# The fields of the part of the form that says what is allowed.
POLICY_FIELDS = (*MEANS, "policy_note")


def _stance_field(means: str, help_text: Any) -> forms.Field:
    choices = [("", _("Not said")), *((stance.value, label) for stance, label in STANCES.items())]
    return forms.Field(
        label=MEANS[means], help_text=help_text, widget=forms.Select(choices=choices)
    )


class ChallengeForm(forms.Form):
    """Widgets only: `rules` validates their values."""

    model: type[ChallengeRules] = ChallengeRules

    name = forms.Field(
        label=_("Name"),
        widget=forms.TextInput({"maxlength": MAX_TITLE, "required": True, "autocomplete": "off"}),
    )
    description = forms.Field(
        label=_("Description"),
        help_text=_("One or two sentences that the candidate reads before starting."),
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_DESCRIPTION}),
    )
    language = forms.Field(
        label=_("Language"),
        help_text=_("For example Python, or JavaScript and SQL."),
        widget=forms.TextInput({"maxlength": MAX_LANGUAGE}),
    )
    duration_minutes = forms.Field(
        label=_("Default time limit (minutes)"),
        initial=DEFAULT_MINUTES,
        help_text=format_lazy(_("1 to {most}."), most=MAX_DURATION),
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION, "required": True}),
    )
    cpus = forms.Field(
        label=_("CPUs"),
        help_text=_("Leave blank for the default."),
        widget=forms.NumberInput({"min": MIN_CPUS, "max": MAX_CPUS, "step": 0.25}),
    )
    memory_mb = forms.Field(
        label=_("Memory (MB)"),
        help_text=format_lazy(
            _("At least {least}. Leave blank for the default."), least=MIN_MEMORY
        ),
        widget=forms.NumberInput({"min": MIN_MEMORY, "max": MAX_MEMORY}),
    )
    ai_assistants = _stance_field(
        "ai_assistants", _("If not allowed, the editor offers no extensions.")
    )
    internet = _stance_field(
        "internet", _("If not allowed, a workspace on Docker has no internet access.")
    )
    libraries = _stance_field("libraries", _("If not allowed, the editor offers no extensions."))
    policy_note = forms.Field(
        label=_("Anything else"),
        help_text=format_lazy(
            _("One line of at most {most} characters, as candidates read it."), most=MAX_NOTE
        ),
        widget=forms.TextInput({"maxlength": MAX_NOTE}),
    )

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial, label_suffix="")
        for field in self.fields.values():
            field.required = False

    @property
    def details(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in POLICY_FIELDS]

    @property
    def policy(self) -> list[forms.BoundField]:
        return [self[name] for name in POLICY_FIELDS]

    @classmethod
    def of(cls, version: Version) -> "ChallengeForm":
        """A form filled in from a version."""
        about = version.about
        cpus = None if about.cpus is None else f"{about.cpus:g}"
        return cls(initial={**about.__dict__, "cpus": cpus})

    def rules(self) -> ChallengeRules | None:
        """The validated input, or None after adding the errors to their fields."""
        values = {name: self.data.get(name, "") for name in self.model.model_fields}
        try:
            return self.model.model_validate(values)
        except ValidationError as errors:
            for name, message in field_messages(errors, self.model):
                self.add_error(name, message)
            return None


class NewChallengeForm(ChallengeForm):
    """A form with the id, which cannot change later."""

    model = NewChallengeRules

    id = forms.Field(
        label=_("ID"),
        help_text=_(
            "Used in URLs and the API. Can't be changed later. Leave blank to generate it."
        ),
        widget=forms.TextInput(
            {"maxlength": 64, "pattern": "[a-z0-9][a-z0-9-]*", "autocomplete": "off"}
        ),
    )
    field_order = ("name", "id")

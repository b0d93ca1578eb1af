"""The form of a webhook: widgets only. operations.webhooks has the rules."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.lifecycle import Status
from interviews.schemas.validation_messages import validation_message
from interviews.status_labels import CHOICES
from operations.webhooks.models import DEFAULT_TYPES, Webhook
from operations.webhooks.schemas import MAX_NAME, WebhookInput

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

ALL, SOME = "all", "some"
TYPE_LABELS: dict[str, "_StrOrPromise"] = {
    TAKE_HOME: gettext_lazy("Take-home tests"),
    LIVE: gettext_lazy("Live interviews"),
    DRY_RUN: gettext_lazy("Dry runs"),
}


class WebhookForm(forms.Form):
    """A new webhook, or an existing one."""

    name = forms.Field(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("A name for the receiving system, such as “ATS”."),
        widget=forms.TextInput({"maxlength": MAX_NAME, "required": True, "autocomplete": "off"}),
    )
    url = forms.Field(
        label=gettext_lazy("URL"),
        help_text=gettext_lazy("Example: https://hooks.example.com/interviews"),
        widget=forms.TextInput(
            {"inputmode": "url", "required": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    types = forms.Field(
        label=gettext_lazy("Interview types"),
        initial=list(DEFAULT_TYPES),
        widget=forms.CheckboxSelectMultiple(choices=list(TYPE_LABELS.items())),
    )
    which = forms.Field(
        label=gettext_lazy("Events"),
        initial=ALL,
        widget=forms.RadioSelect(
            choices=[
                (ALL, gettext_lazy("Every status change")),
                (SOME, gettext_lazy("Only these statuses")),
            ]
        ),
    )
    statuses = forms.Field(
        label=gettext_lazy("Statuses"),
        widget=forms.CheckboxSelectMultiple(
            choices=[(status.value, CHOICES[status]) for status in Status]
        ),
    )
    sends_name = forms.Field(
        label=gettext_lazy("Send the candidate's name"),
        initial=False,
        help_text=gettext_lazy("Otherwise only the interview ID is sent."),
        widget=forms.CheckboxInput(),
    )
    sends_edits = forms.Field(
        label=gettext_lazy("Also send edits and reschedules"),
        initial=False,
        help_text=gettext_lazy("Sent as separate events, for all statuses."),
        widget=forms.CheckboxInput(),
    )
    sends_reviews = forms.Field(
        label=gettext_lazy("Also send submissions, reviews, decisions and checks"),
        initial=False,
        help_text=gettext_lazy("Who submitted a review, and what was decided; no scores."),
        widget=forms.CheckboxInput(),
    )

    wanted: WebhookInput

    def __init__(self, data: QueryDict | None = None, webhook: Webhook | None = None) -> None:
        super().__init__(data, label_suffix="")
        self.given = data if data is not None else QueryDict()
        for field in self.fields.values():
            field.required = False
        if webhook is not None:
            self.initial = {name: getattr(webhook, name) for name in WebhookInput.model_fields} | {
                "which": SOME if webhook.statuses else ALL
            }

    def clean(self) -> dict[str, Any]:
        """Set `wanted`, or add the errors to their fields."""
        data = self.given
        which = data.get("which", ALL)
        statuses = data.getlist("statuses") if which == SOME else []
        if which == SOME and not statuses:
            self.add_error("statuses", _("Choose at least one status, or every status change."))
        try:
            self.wanted = WebhookInput(
                name=data.get("name", ""),
                url=data.get("url", ""),
                types=data.getlist("types"),
                statuses=statuses,
                sends_name="sends_name" in data,
                sends_edits="sends_edits" in data,
                sends_reviews="sends_reviews" in data,
            )
        except ValidationError as errors:
            for error in errors.errors():
                field = str(error["loc"][0])
                self.add_error(field, validation_message(dict(error)))
        return self.cleaned_data

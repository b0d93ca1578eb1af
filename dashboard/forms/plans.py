"""The forms that edit an invitation and reschedule a live interview.

Each carries the version of the interview that it shows, so that nobody's change is undone by a form
that was opened before it.
"""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from dashboard.forms.interviewers import InterviewersField, names_in
from dashboard.forms.invitations import challenge_choices
from dashboard.forms.local_times import FIELD_OF, LocalTimeForm
from interviews import local_time
from interviews.challenges.models import Challenge
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from interviews.schemas.limits import (
    MAX_ALLOWANCE,
    MAX_DURATION,
    MAX_EMAIL,
    MAX_INSTRUCTIONS,
    MAX_NAME,
)
from interviews.schemas.validation_messages import field_messages

FIELDS = ("candidate_name", "candidate_email", "challenge")
LIVE_FIELDS = (*FIELDS, "interviewers")
DEADLINE = ("at", "zone", "second", "offset", "reading")
TAKE_HOME_FIELDS = (
    *FIELDS, "duration_minutes", "allowance_percent", *DEADLINE, "custom_instructions"
)  # fmt: skip


class PlanForm(LocalTimeForm):
    """What both forms have."""

    # The `write_id` of the interview that the form shows.
    version = forms.Field(widget=forms.HiddenInput())

    def __init__(self, interview: Interview, data: QueryDict | None = None) -> None:
        # The page that the dialog opens on has the form of a new interview, with the same fields.
        super().__init__(data, label_suffix="", auto_id="plan_%s")
        self.interview = interview
        for field in self.fields.values():
            field.required = False
        self.initial["version"] = interview.write_id or ""
        self.fields["zone"].widget.attrs["list"] = "ask-zones"

    def show_version(self, interview: Interview) -> None:
        """Show the form again, on the interview as it is now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = interview.write_id or ""
        self.data = data

    @property
    def based_on(self) -> str | None:
        return self.data.get("version") or None

    @property
    def notify(self) -> bool:
        return "notify" in self.data

    def show_time(self, at: Any, zone: str) -> None:
        self.initial["at"] = local_time.utc_to_local(at, zone)[:16] if at else ""
        self.initial["zone"] = zone

    @property
    def is_time_changed(self) -> bool:
        if "at" not in self.data:
            return False
        shown = (self.initial["at"], self.initial["zone"])
        return (self.data.get("at", ""), self.data.get("zone", "")) != shown


class RescheduleForm(PlanForm):
    """The time, the zone and the length of a live interview."""

    duration_minutes = forms.Field(
        label=gettext_lazy("Time limit (minutes)"),
        help_text=format_lazy(gettext_lazy("1 to {limit}."), limit=MAX_DURATION),
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION, "required": True}),
    )

    field_order = ("at", "zone", "second", "reading", "duration_minutes")
    # Arguments of `operations.actions.reschedule`.
    plan: dict[str, Any]

    def __init__(self, interview: Interview, data: QueryDict | None = None) -> None:
        super().__init__(interview, data)
        self.show_time(interview.scheduled_at, interview.time_zone or "UTC")
        self.initial["duration_minutes"] = int(interview.duration_minutes)

    def clean(self) -> dict[str, Any]:
        """Set `plan`."""
        plan: dict[str, Any] = {}
        if self.is_time_changed:
            zone = self.read_zone()
            here = self.read_instant()
            at = here and self.chosen_reading(here, zone)
            plan = {"at": at, "local": self.data.get("at", ""), "zone": zone}
            plan["confirm_offset"] = at != here
        minutes = self.data.get("duration_minutes", "").strip()
        if not minutes.isascii() or not minutes.isdecimal() or len(minutes) > 9:
            self.add_error("duration_minutes", _("Enter a whole number."))
        else:
            self.plan = plan | {"minutes": int(minutes)}
        return self.cleaned_data


class EditForm(PlanForm):
    """The fields of an invitation that was not started; of an expired one the deadline."""

    candidate_name = forms.Field(
        label=gettext_lazy("Candidate"),
        widget=forms.TextInput({"maxlength": MAX_NAME, "required": True, "autocomplete": "off"}),
    )
    candidate_email = forms.Field(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("Optional."),
        widget=forms.TextInput({"type": "email", "maxlength": MAX_EMAIL, "autocomplete": "off"}),
    )
    challenge = forms.Field(label=gettext_lazy("Challenge"))
    duration_minutes = forms.Field(
        label=gettext_lazy("Time limit (minutes)"),
        help_text=format_lazy(gettext_lazy("1 to {limit}."), limit=MAX_DURATION),
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION, "required": True}),
    )
    allowance_percent = forms.Field(
        label=gettext_lazy("Extra time (percent)"),
        help_text=format_lazy(gettext_lazy("An accommodation, 0 to {limit}."), limit=MAX_ALLOWANCE),
        widget=forms.NumberInput({"min": 0, "max": MAX_ALLOWANCE}),
    )
    custom_instructions = forms.Field(
        label=gettext_lazy("Instructions"),
        help_text=gettext_lazy("Optional. The candidate sees them before starting."),
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_INSTRUCTIONS}),
    )

    interviewers = InterviewersField()

    edit: InvitationEdit

    def __init__(
        self,
        interview: Interview,
        offered: list[Challenge],
        zone: str,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(interview, data)
        shown: tuple[str, ...] = TAKE_HOME_FIELDS if interview.is_take_home else LIVE_FIELDS
        if interview.state is Status.EXPIRED:
            shown = DEADLINE
        for name in set(self.fields) - {*shown, "version"}:
            del self.fields[name]
        self.order_fields(shown)
        for name in set(shown) - set(DEADLINE):
            self.initial[name] = getattr(interview, name) or ""
        for name in {"duration_minutes", "allowance_percent"} & set(shown):
            self.initial[name] = int(getattr(interview, name) or 0)
        if "interviewers" in self.fields:
            self.initial["interviewers"] = ", ".join(interview.interviewer_addresses)
        if "challenge" in self.fields:
            choices = challenge_choices(offered)
            if interview.challenge not in dict(choices):
                # It is archived, and stays unless another one is chosen.
                choices.insert(0, (interview.challenge, interview.challenge))
            self.fields["challenge"].widget = forms.Select({"required": True}, choices)
        self.has_deadline = "at" in self.fields
        if self.has_deadline:
            self.fields["at"].label = _("Deadline to start")
            self.show_time(interview.valid_until, zone)

    def clean(self) -> dict[str, Any]:
        """Set `edit`."""
        names = set(self.fields) - {*DEADLINE, "version"}
        values: dict[str, Any] = {name: self.data[name] for name in names & self.data.keys()}
        if values.get("allowance_percent") == "":
            values["allowance_percent"] = 0
        if "interviewers" in values:
            values["interviewers"] = names_in(values["interviewers"])
        if self.has_deadline and self.is_time_changed:
            here = self.read_instant()
            at = here and self.chosen_reading(here, self.read_zone())
            if at is not None:
                values["valid_until"] = at
        try:
            self.edit = InvitationEdit.model_validate(values)
        except ValidationError as errors:
            for name, message in field_messages(errors, InvitationEdit):
                self.add_error(FIELD_OF.get(name, name), message)
        return self.cleaned_data

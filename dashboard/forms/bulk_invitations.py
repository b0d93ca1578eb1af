"""The upload form of a bulk invitation, and the selection of its rows."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from dashboard.presenters import durations
from interviews.challenges.models import Challenge
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.schemas.limits import (
    DEFAULT_VALID_DAYS,
    DURATIONS,
    MAX_DURATION,
    MAX_INSTRUCTIONS,
    MAX_VALID_DAYS,
)
from interviews.schemas.validation_messages import field_messages
from operations.bulk_import.columns import Defaults
from operations.bulk_import.csv_file import MAX_BYTES, MAX_ROWS

CUSTOM = "custom"
# Longest text of row numbers, in characters.
MAX_PART = 500


def _durations() -> list[tuple[int | str, str]]:
    return [
        ("", _("Challenge default")),
        *((n, durations.minutes(n)) for n in DURATIONS),
        (CUSTOM, _("Custom…")),
    ]


class UploadForm(forms.Form):
    """A file, and the values for rows that leave them out."""

    file = forms.Field(
        label=gettext_lazy("CSV file"),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv", "required": True}),
    )
    challenge = forms.Field(label=gettext_lazy("Challenge"))
    duration_minutes = forms.Field(
        label=gettext_lazy("Time limit"),
    )
    custom_minutes = forms.Field(
        label=gettext_lazy("Minutes"),
        help_text=format_lazy(gettext_lazy("1 to {most}."), most=MAX_DURATION),
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION}),
    )
    valid_days = forms.Field(
        label=gettext_lazy("Days to start"),
        initial=DEFAULT_VALID_DAYS,
        help_text=format_lazy(
            gettext_lazy("Days the candidate has to start (1 to {most})."), most=MAX_VALID_DAYS
        ),
        widget=forms.NumberInput({"min": 1, "max": MAX_VALID_DAYS, "required": True}),
    )
    custom_instructions = forms.Field(
        label=gettext_lazy("Instructions"),
        help_text=gettext_lazy("Optional. Candidates read them before starting."),
        widget=forms.Textarea({"rows": 3, "maxlength": MAX_INSTRUCTIONS}),
    )
    send_email = forms.Field(label=gettext_lazy("Email each candidate their link"))
    time_zone = forms.Field(
        label=gettext_lazy("Time zone of the emails"),
        initial="UTC",
        help_text=gettext_lazy("Emails give the deadline to start in this zone and in UTC."),
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    defaults: Defaults
    content: bytes
    name: str

    def __init__(
        self,
        offered: list[Challenge],
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, files, label_suffix="")
        self._ids = {challenge.id for challenge in offered}
        self.fields["file"].help_text = _("Up to %(rows)s candidates and %(size)s MB.") % {
            "rows": number_format(MAX_ROWS, force_grouping=True),
            "size": MAX_BYTES // 1_000_000,
        }
        for field in self.fields.values():
            field.required = False
        names = [(each.id, each.name) for each in offered]
        self.fields["challenge"].widget = forms.Select(choices=[("", _("From the file")), *names])
        self.fields["duration_minutes"].widget = forms.Select(choices=_durations())
        self.fields["send_email"].widget = forms.CheckboxInput(
            {} if settings.MAIL_IS_ON else {"disabled": True}
        )
        if not self.is_bound:
            # A script fills in the viewer's zone; a submitted one stays.
            self.fields["time_zone"].widget.attrs["data-viewer-zone"] = True

    def clean(self) -> dict[str, Any]:
        """Sets `content`, `name` and `defaults`."""
        defaults = self._defaults()
        file = self.files.get("file")
        if file is None:
            self.add_error("file", _("Choose a file."))
        elif (file.size or 0) > MAX_BYTES:
            self.add_error(
                "file", _("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1_000_000}
            )
        elif defaults is not None:
            self.content, self.name = file.read(), file.name or "candidates.csv"
            self.defaults = defaults
        return self.cleaned_data

    def _defaults(self) -> Defaults | None:
        """The defaults, or None after adding the errors to their fields."""
        values = {name: self.data.get(name, "") for name in self.fields if name != "file"}
        places = {}
        if values["duration_minutes"] == CUSTOM:
            values["duration_minutes"] = values["custom_minutes"]
            places["duration_minutes"] = "custom_minutes"
            if not values["duration_minutes"]:
                self.add_error("custom_minutes", _("Enter the number of minutes."))
        if values["challenge"] and values["challenge"] not in self._ids:
            self.add_error("challenge", _("This challenge isn't active. Choose another."))
        try:
            defaults = defaults_of(values)
        except ValidationError as errors:
            for name, message in field_messages(errors, TakeHomeInvitation):
                self.add_error(places.get(name, name), message)
            return None
        return None if self.errors else defaults


def defaults_of(values: Mapping[str, Any]) -> Defaults:
    """Validate the defaults by the rules of one invitation.

    Raises:
        ValidationError: if a default is not valid.
    """
    minutes = values.get("duration_minutes")
    has_minutes = minutes not in (None, "")
    rules = TakeHomeInvitation.model_validate(
        {
            # Each row has its own.
            "candidate_name": "-",
            "candidate_email": "somebody@example.com",
            "challenge": values.get("challenge") or "-",
            "duration_minutes": minutes if has_minutes else 1,
            **{
                name: values[name]
                for name in ("valid_days", "custom_instructions", "send_email", "time_zone")
                if name in values
            },
        }
    )
    return Defaults(
        challenge=rules.challenge if values.get("challenge") else "",
        duration_minutes=rules.duration_minutes if has_minutes else None,
        valid_days=rules.valid_days,
        custom_instructions=rules.custom_instructions,
        send_email=rules.send_email,
        time_zone=rules.time_zone,
    )


def numbers(text: str) -> list[int]:
    """Parse row numbers: "1-20, 25" is 1 to 20, and 25.

    Raises:
        ValueError: with a message if the text is not a list of numbers.
    """
    if len(text) > MAX_PART:
        raise ValueError(_("That's too long. Invite them in several steps."))
    rows: set[int] = set()
    for part in re.split(r"[\s,;]+", re.sub(r"\s*[-–—]\s*", "-", text.strip())):
        match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part)
        if match is None:
            raise ValueError(_("Enter row numbers such as 1-20, 25."))
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise ValueError(
                _("%(first)s-%(last)s isn't a range. Start with the smaller number.")
                % {"first": first, "last": last}
            )
        rows |= set(range(first, min(last, MAX_ROWS) + 1))
    return sorted(rows)

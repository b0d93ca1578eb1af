"""The form of a live interview: now, or at a local time in a zone."""

from datetime import datetime
from typing import Any

from django import forms

from dashboard.forms.invitations import InvitationForm
from interviews import local_time
from interviews.schemas import DEFAULT_LIVE_DURATION, LiveInvitation

NOW, LATER = "now", "later"
FIRST, SECOND = "first", "second"
# Inhabited regions. The form accepts the other zone names as well.
REGIONS = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/",
)  # fmt: skip


def offered_zones() -> list[str]:
    return ["UTC", *(zone for zone in local_time.zone_names() if zone.startswith(REGIONS))]


class LiveForm(InvitationForm):
    """A live interview. `is_repeated`: the local time comes twice, so `second` is needed."""

    when = forms.Field(
        label="Start",
        initial=LATER,
        widget=forms.RadioSelect(choices=[(LATER, "At a time"), (NOW, "Now")]),
    )
    at = forms.Field(
        label="Date and time",
        help_text="The workspace is ready 5 minutes before.",
        widget=forms.TextInput({"type": "datetime-local"}),
    )
    zone = forms.Field(
        label="Time zone",
        initial="UTC",
        help_text="Yours, or the candidate's: type a city.",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    second = forms.Field(label="Which one?", widget=forms.RadioSelect())
    save_files = forms.Field(
        label="Save the files at the end",
        initial=True,
        widget=forms.CheckboxInput(),
    )

    field_order = ("candidate_name", "challenge", "when", "at", "zone", "second")
    is_repeated = False
    invitation: LiveInvitation

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"duration_minutes": DEFAULT_LIVE_DURATION}
        if not self.is_bound:
            # A script fills in the viewer's zone; a submitted one stays.
            self.fields["zone"].widget.attrs["data-viewer-zone"] = True

    def clean(self) -> dict[str, Any]:
        """Set `invitation`."""
        when = self.data.get("when")
        if when not in (NOW, LATER):
            self.add_error("when", "Please choose.")
        invitation = self.check(
            LiveInvitation,
            scheduled_at=self._instant() if when == LATER else None,
            save_files="save_files" in self.data,
            time_zone=self._zone(when),
        )
        if invitation is not None and not self.errors:
            self.invitation = invitation
        return self.cleaned_data

    def _zone(self, when: str | None) -> str:
        """The zone of the times in the e-mail. `_instant` reports a zone that is not valid."""
        zone = local_time.find_zone(self.data.get("zone", ""))
        if zone is None and "send_email" in self.data:
            return self.data.get("zone", "") or "UTC"
        return zone or "UTC"

    def _instant(self) -> datetime | None:
        """The start, or None after adding an error to its field."""
        at, zone = self.data.get("at", ""), self.data.get("zone", "")
        if not at:
            self.add_error("at", "Please choose a date and a time, or start now.")
            return None
        try:
            return local_time.local_to_utc(at, zone)
        except local_time.UnknownZoneError as error:
            self.add_error("zone", str(error))
        except local_time.AmbiguousTimeError as error:
            return self._chosen(at, zone, error)
        except local_time.InvalidLocalTimeError as error:
            self.add_error("at", str(error))
        return None

    def _chosen(self, at: str, zone: str, twice: local_time.AmbiguousTimeError) -> datetime | None:
        self.is_repeated = True
        choices = list(zip((FIRST, SECOND), twice.options, strict=True))
        self.fields["second"].widget = forms.RadioSelect(choices=choices)
        chosen = self.data.get("second")
        if chosen in (FIRST, SECOND):
            return local_time.local_to_utc(at, zone, second=chosen == SECOND)
        self.add_error("second", str(twice))
        return None

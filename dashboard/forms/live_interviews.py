"""The form of a live interview: now, or at a local time in a zone."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.forms.interviewers import InterviewersField, names_in
from dashboard.forms.invitations import InvitationForm
from dashboard.forms.local_times import LocalTimeForm
from interviews import local_time
from interviews.schemas.invitations import LiveInvitation
from interviews.schemas.limits import DEFAULT_LIVE_DURATION

NOW, LATER = "now", "later"


class LiveForm(InvitationForm, LocalTimeForm):
    """A live interview, now or at a local time."""

    when = forms.Field(
        label=gettext_lazy("Start"),
        initial=LATER,
        widget=forms.RadioSelect(
            choices=[(LATER, gettext_lazy("At a time")), (NOW, gettext_lazy("Now"))]
        ),
    )
    save_files = forms.Field(
        label=gettext_lazy("Save the files at the end"),
        initial=True,
        widget=forms.CheckboxInput(),
    )

    interviewers = InterviewersField()

    field_order = ("candidate_name", "challenge", "when", "at", "zone", "second", "reading")
    missing_time = gettext_lazy("Choose a date and time, or start now.")
    invitation: LiveInvitation

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"duration_minutes": DEFAULT_LIVE_DURATION}
        self.fields["at"].help_text = _("The workspace starts 5 minutes before.")
        if not self.is_bound:
            # A script fills in the viewer's zone; a submitted one stays.
            self.fields["zone"].widget.attrs["data-viewer-zone"] = True

    def clean(self) -> dict[str, Any]:
        """Set `invitation`."""
        when = self.data.get("when")
        if when not in (NOW, LATER):
            self.add_error("when", _("Choose when it starts."))
        zone = self._zone(when)
        here = self.read_instant() if when == LATER else None
        at = here and self.chosen_reading(here, zone)
        invitation = self.check(
            LiveInvitation,
            scheduled_at=at,
            scheduled_local=self.data.get("at", "") if at else "",
            confirm_offset=at != here,
            save_files="save_files" in self.data,
            interviewers=names_in(self.data.get("interviewers", "")),
            time_zone=zone,
        )
        if invitation is not None and not self.errors:
            self.invitation = invitation
        return self.cleaned_data

    def _zone(self, when: str | None) -> str:
        """The zone of the times in the e-mail. `read_instant` reports a zone that is not valid."""
        zone = local_time.find_zone(self.data.get("zone", ""))
        if zone is None and "send_email" in self.data:
            return self.data.get("zone", "") or "UTC"
        return zone or "UTC"

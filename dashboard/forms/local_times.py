"""The fields of a local time in a zone, as a person says it: "10:00 in Berlin"."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviews import local_time
from operations.mail import formatting

FIRST, SECOND = "first", "second"
# The form's field of each attribute that a local time gives.
FIELD_OF = {"scheduled_at": "at", "scheduled_local": "at", "time_zone": "zone", "valid_until": "at"}
MAX_OFFSET = local_time.MAX_UTC_OFFSET // timedelta(minutes=1)
# Inhabited regions. The form accepts the other zone names as well.
REGIONS = (
    "Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/",
)  # fmt: skip


def offered_zones() -> list[str]:
    return ["UTC", *(zone for zone in local_time.zone_names() if zone.startswith(REGIONS))]


class LocalTimeForm(forms.Form):
    """A date, a time and a zone.

    `is_repeated`: the local time comes twice, so `second` is needed. `is_disputed`: the browser's
    zone data gives the local time another instant, so `reading` is needed.
    """

    at = forms.Field(
        label=gettext_lazy("Date and time"),
        widget=forms.TextInput({"type": "datetime-local"}),
    )
    zone = forms.Field(
        label=gettext_lazy("Time zone"),
        initial="UTC",
        help_text=gettext_lazy("Yours or the candidate's. Type a city to find it."),
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    second = forms.Field(label=gettext_lazy("Which one?"), widget=forms.RadioSelect())
    # Minutes from UTC by the browser's zone data; two if the local time comes twice.
    offset = forms.Field(
        label=gettext_lazy("Offset from UTC"),
        widget=forms.HiddenInput({"data-offset": True}),
    )
    reading = forms.Field(label=gettext_lazy("Which time do you mean?"), widget=forms.RadioSelect())

    is_repeated = False
    is_disputed = False
    missing_time = gettext_lazy("Choose a date and time.")

    def read_zone(self) -> str:
        """The zone, or UTC if it is not valid, which `read_instant` reports."""
        return local_time.find_zone(self.data.get("zone", "")) or "UTC"

    def read_instant(self) -> datetime | None:
        """The instant by the server's zone data, or None after adding an error to its field."""
        at, zone = self.data.get("at", ""), self.data.get("zone", "")
        if not at:
            self.add_error("at", str(self.missing_time))
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

    def chosen_reading(self, here: datetime, zone: str) -> datetime | None:
        """The server's reading of the local time or the browser's, or None after asking for it.

        A choice counts only for these two instants: the time or the zone may have changed since.
        """
        offsets = self._browser_offsets()
        local = here.astimezone(ZoneInfo(zone))
        if local.utcoffset() in offsets or not offsets:
            return here
        try:
            there = local.replace(tzinfo=timezone(offsets[0])).astimezone(UTC)
        except OverflowError:
            self.add_error("at", _("Enter a valid date and time."))
            return None
        choices = {
            instant.strftime("%Y-%m-%dT%H:%MZ"): words
            % {
                "time": formatting.format_reading(local.replace(tzinfo=None), instant),
                "version": local_time.zone_data.VERSION,
            }
            for instant, words in (
                (there, _("%(time)s, according to your browser")),
                (here, _("%(time)s, according to this server (zone data %(version)s)")),
            )
        }
        self.is_disputed = True
        self.fields["reading"].widget = forms.RadioSelect(choices=list(choices.items()))
        chosen = self.data.get("reading")
        if chosen in choices:
            return there if chosen == next(iter(choices)) else here
        self.add_error(
            "reading",
            _(
                "Your browser and this server disagree about the time in %(zone)s on that day, as "
                "its clock rules changed recently. Choose the time you mean."
            )
            % {"zone": zone},
        )
        return None

    def _browser_offsets(self) -> list[timedelta]:
        """Empty without a script, or if the browser does not know the zone or the time."""
        text = self.data.get("offset", "")
        if not text:
            return []
        try:
            minutes = [int(each) for each in text[:20].split(",")]
        except ValueError:
            minutes = [MAX_OFFSET + 1]
        if max(map(abs, minutes)) > MAX_OFFSET:
            self.add_error("offset", _("Enter minutes from UTC, such as -360."))
            return []
        return [timedelta(minutes=each) for each in minutes]

    def _chosen(self, at: str, zone: str, twice: local_time.AmbiguousTimeError) -> datetime | None:
        self.is_repeated = True
        choices = list(zip((FIRST, SECOND), twice.options, strict=True))
        self.fields["second"].widget = forms.RadioSelect(choices=choices)
        chosen = self.data.get("second")
        if chosen in (FIRST, SECOND):
            return local_time.local_to_utc(at, zone, second=chosen == SECOND)
        self.add_error("second", str(twice))
        return None

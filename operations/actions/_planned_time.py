"""Read the time to which a live interview is moved: an instant, a local time in a zone, or both."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from interviews import local_time
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.limits import MAX_AHEAD
from operations.exceptions import InvalidInputError


def changes_of_time(
    interview: Interview,
    at: datetime | None,
    local: str | None,
    zone: str | None,
    confirm_offset: bool,
) -> dict[str, Any]:
    """Return the changes of the time and of its zone, by attribute; none if both are left out.

    Raises:
        InvalidInputError: if the zone is not known, or if the time is not valid in it, is not to
            come, or is too far ahead.
    """
    if zone is not None and zone not in local_time.zone_names():
        raise InvalidInputError("time_zone", _("Enter a time zone such as Europe/Berlin."))
    if at is None and local is None:
        if zone is not None and zone != interview.time_zone:
            raise InvalidInputError(
                "scheduled_local", _("Enter the local time in the new time zone.")
            )
        return {}
    zone = zone or interview.time_zone or "UTC"
    field = "scheduled_at" if at is not None else "scheduled_local"
    if at is not None:
        # Before it is converted: the calendar has no instants before its first and after its last.
        _check_instant(interview, field, at)
    at, local, declined = _read_time(at, local, zone, confirm_offset)
    _check_instant(interview, field, at)
    return {
        "scheduled_at": at,
        "scheduled_local": local,
        "time_zone": zone,
        "declined_reading": declined,
    }


def _check_instant(interview: Interview, field: str, at: datetime) -> None:
    if at != interview.scheduled_at and at <= now():
        raise InvalidInputError(field, _("Enter a time in the future."))
    if at > now() + MAX_AHEAD:
        raise InvalidInputError(
            field, _("Enter a time within the next %(days)s days.") % {"days": MAX_AHEAD.days}
        )


def _read_time(
    at: datetime | None, local: str | None, zone: str, confirm_offset: bool
) -> tuple[datetime, str, datetime | None]:
    """The instant, the local time, and its reading here if staff meant another instant.

    Raises:
        InvalidInputError: if the local time is not valid in the zone, comes twice, or is another
            instant than the given one and `confirm_offset` is not set or no zone has that offset.
    """
    try:
        if at is None:
            at = local_time.local_to_utc(str(local), zone)
        at = at.astimezone(UTC).replace(microsecond=0)
        if local is None:
            local = local_time.utc_to_local(at, zone)
        else:
            local = local_time.normalize_local(local)
        other = local_time.other_reading(local, at, zone)
    except local_time.AmbiguousTimeError:
        message = _("This time occurs twice in its time zone. Send scheduledAt as well.")
        raise InvalidInputError("scheduled_local", message) from None
    except local_time.InvalidLocalTimeError as error:
        raise InvalidInputError("scheduled_local", str(error)) from None
    if other is None:
        return at, local, None
    if not local_time.is_possible_offset(local, at):
        raise InvalidInputError(
            "scheduled_local", _("No time zone has this local time at scheduledAt.")
        )
    if not confirm_offset:
        raise InvalidInputError(
            "scheduled_local",
            _(
                "This is %(reading)s UTC in %(zone)s by this server's time zone data, but "
                "scheduledAt is %(instant)s UTC."
            )
            % {"reading": f"{other:%H:%M}", "zone": zone, "instant": f"{at:%H:%M}"},
        )
    return at, local, other

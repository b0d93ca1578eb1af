"""The validators of fields. Each raises ValueError with a sentence for the person who typed it."""

import unicodedata
from datetime import UTC, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AwareDatetime,
    ValidationInfo,
)

from interviews import local_time
from interviews.dynamodb import now
from interviews.schemas.limits import MAX_AHEAD, MAX_EMAIL, MAX_USERNAME, MAX_VALID_DAYS


def normalize_line_breaks(value: object) -> object:
    """Browsers count a line break as one character but send two."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def require_printable(text: str) -> str:
    """Accept any script, but no control characters and no text of only blanks or marks."""
    if text and all(unicodedata.category(char)[0] in "CZM" for char in text):
        raise ValueError(_("Include at least one letter or digit."))
    if any(ord(char) < 32 or ord(char) == 127 for char in text if char not in "\n\r\t"):
        raise ValueError(_("Control characters aren't allowed here."))
    return text


def reject_numeric_time(value: object) -> object:
    """Pydantic would read a number as epoch seconds, so that a typo gives a wrong time."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError(_("Enter a date and time such as 2030-05-04T09:30:00+02:00."))
    return value


def require_future(at: AwareDatetime) -> AwareDatetime:
    if at <= now():
        raise ValueError(_("Enter a time in the future."))
    if at > now() + MAX_AHEAD:
        raise ValueError(
            _("Enter a time within the next %(days)s days.") % {"days": MAX_AHEAD.days}
        )
    return at.replace(microsecond=0)


def reject_boolean(value: object) -> object:
    """Forms send digits and JSON sends a number; pydantic would take `true` as 1."""
    if isinstance(value, bool):
        raise ValueError(_("Enter a whole number."))
    return value


def none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def false_if_blank(value: object) -> object:
    """A form without this field sends an empty value."""
    return False if value == "" else value


def utc_if_unknown(value: object) -> object:
    """A form's field is blank without a script, and a browser may not know its zone."""
    return local_time.browser_zone(value or "UTC") if isinstance(value, str) else value


def validate_email_address(text: str) -> str:
    """Return an address that mail servers accept, without anything that could start a header.

    Raises:
        ValueError: with a sentence for the person who typed it.
    """
    local_part = text.rpartition("@")[0]
    if len(text) > MAX_EMAIL:
        raise ValueError(
            _("Enter an email address of %(limit)s characters or fewer.") % {"limit": MAX_EMAIL}
        )
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(_("Enter an email address such as ada@example.com.")) from None
    if not local_part.isascii() or not text.isprintable() or " " in text:
        raise ValueError(_("Enter an email address such as ada@example.com."))
    return text


def require_for_email(text: str | None, info: ValidationInfo) -> str | None:
    if text is None and info.data.get("send_email"):
        raise ValueError(_("Enter the candidate's email address to send an email."))
    return text


def require_known_zone(name: str) -> str:
    if name not in local_time.zone_names():
        raise ValueError(_("Enter a time zone such as Europe/Berlin."))
    return name


def require_same_instant(local: str | None, info: ValidationInfo) -> str | None:
    """The local time must be valid in its zone, and be `scheduled_at` if that is given."""
    if local is None or not {"scheduled_at", "time_zone", "confirm_offset"} <= info.data.keys():
        return local
    at, zone = info.data["scheduled_at"], info.data["time_zone"]
    try:
        if at is None:
            require_future(local_time.local_to_utc(local, zone))
            return local_time.normalize_local(local)
        other = local_time.other_reading(local, at, zone)
    except local_time.AmbiguousTimeError:
        raise ValueError(
            _("This time occurs twice in its time zone. Send scheduledAt as well.")
        ) from None
    except local_time.InvalidLocalTimeError as error:
        raise ValueError(str(error)) from None
    if other is not None and not local_time.is_possible_offset(local, at):
        raise ValueError(_("No time zone has this local time at scheduledAt."))
    if other is not None and not info.data["confirm_offset"]:
        raise ValueError(
            _(
                "This is %(reading)s UTC in %(zone)s by this server's time zone data, but "
                "scheduledAt is %(instant)s UTC."
            )
            % {
                "reading": f"{other:%H:%M}",
                "zone": zone,
                "instant": f"{at.astimezone(UTC):%H:%M}",
            }
        )
    return local_time.normalize_local(local)


def require_near_future(at: AwareDatetime) -> AwareDatetime:
    if at > now() + timedelta(days=MAX_VALID_DAYS):
        raise ValueError(
            _("Enter a time within the next %(days)s days.") % {"days": MAX_VALID_DAYS}
        )
    return require_future(at)


def require_account_or_email(text: str) -> str:
    """An email address, or what may be the username of an account, which the action looks up.

    Raises:
        ValueError: with a sentence that names the entry.
    """
    if not text:
        raise ValueError(_("Remove the empty entry."))
    shown = {"entry": text[:60]}
    if "@" in text:
        try:
            return validate_email_address(text)
        except ValueError:
            raise ValueError(_("“%(entry)s” isn't a valid email address.") % shown) from None
    if len(text) > MAX_USERNAME or not text.isprintable():
        raise ValueError(_("“%(entry)s” is neither an email address nor a username.") % shown)
    return text


def drop_repeats(names: list[str]) -> list[str]:
    """Keep the first of entries that differ only in case."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), name)
    return list(kept.values())


def required(sentence: Promise) -> AfterValidator:
    """Refuse an empty text with a sentence that says what to enter or to choose."""

    def require(text: str) -> str:
        if not text:
            raise ValueError(str(sentence))
        return text

    return AfterValidator(require)

"""The fields of invitations: their types, their limits and their validators."""

import unicodedata
from datetime import UTC, timedelta
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)
from pydantic.alias_generators import to_camel

from interviews import local_time
from interviews.dynamodb import now

CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True)

DURATIONS = (30, 45, 60, 90, 120, 180, 240)
MAX_DURATION = 8 * 60
DEFAULT_DURATION = 240
DEFAULT_LIVE_DURATION = 60
MAX_ALLOWANCE = 100
MAX_AHEAD = timedelta(days=366)
MAX_VALID_DAYS = 30
DEFAULT_VALID_DAYS = 7
MAX_NAME = 200
MAX_INSTRUCTIONS = 5_000
MAX_EMAIL = 254
MAX_INTERVIEWERS = 10
# As Django limits it.
MAX_USERNAME = 150


def _normalize_line_breaks(value: object) -> object:
    """Browsers count a line break as one character but send two."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _require_printable(text: str) -> str:
    """Accept any script, but no control characters and no text of only blanks or marks."""
    if text and all(unicodedata.category(char)[0] in "CZM" for char in text):
        raise ValueError("must hold a letter or a digit")
    if any(ord(char) < 32 or ord(char) == 127 for char in text if char not in "\n\r\t"):
        raise ValueError("must not hold control characters")
    return text


def reject_numeric_time(value: object) -> object:
    """Pydantic would read a number as epoch seconds, so that a typo gives a wrong time."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().isdigit()):
        raise ValueError("must be a time such as 2030-05-04T09:30:00+02:00")
    return value


def _require_future(at: AwareDatetime) -> AwareDatetime:
    if at <= now():
        raise ValueError("must be a time that is still to come")
    if at > now() + MAX_AHEAD:
        raise ValueError(f"must be within the next {MAX_AHEAD.days} days")
    return at.replace(microsecond=0)


def _reject_boolean(value: object) -> object:
    """Forms send digits and JSON sends a number; pydantic would take `true` as 1."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _false_if_blank(value: object) -> object:
    """A form without this field sends an empty value."""
    return False if value == "" else value


def _utc_if_unknown(value: object) -> object:
    """A form's field is blank without a script, and a browser may not know its zone."""
    return local_time.browser_zone(value or "UTC") if isinstance(value, str) else value


def validate_email_address(text: str) -> str:
    """Return an address that mail servers accept, without anything that could start a header.

    Raises:
        ValueError: with the rest of a sentence that begins with "This".
    """
    local_part = text.rpartition("@")[0]
    if len(text) > MAX_EMAIL:
        raise ValueError(f"must have at most {MAX_EMAIL} characters")
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("must be an e-mail address such as ada@example.com") from None
    if not local_part.isascii() or not text.isprintable() or " " in text:
        raise ValueError("must be an e-mail address such as ada@example.com")
    return text


def _require_for_email(text: str | None, info: ValidationInfo) -> str | None:
    if text is None and info.data.get("send_email"):
        raise ValueError("is needed to send an e-mail")
    return text


def _require_known_zone(name: str) -> str:
    if name not in local_time.zone_names():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return name


def _require_same_instant(local: str | None, info: ValidationInfo) -> str | None:
    """The local time must be valid in its zone, and be `scheduled_at` if that is given."""
    if local is None or not {"scheduled_at", "time_zone", "confirm_offset"} <= info.data.keys():
        return local
    at, zone = info.data["scheduled_at"], info.data["time_zone"]
    try:
        if at is None:
            _require_future(local_time.local_to_utc(local, zone))
            return local_time.normalize_local(local)
        other = local_time.other_reading(local, at, zone)
    except local_time.AmbiguousTimeError:
        raise ValueError("comes twice in its time zone: send scheduledAt with it") from None
    except local_time.InvalidLocalTimeError as error:
        raise ValueError(f"cannot be read as a time in {zone}. {error}") from None
    if other is not None and not local_time.is_possible_offset(local, at):
        raise ValueError("is not the time of any zone at scheduledAt")
    if other is not None and not info.data["confirm_offset"]:
        raise ValueError(
            f"is {other:%H:%M} UTC in {zone} by the zone data of this server, and "
            f"scheduledAt is {at.astimezone(UTC):%H:%M} UTC"
        )
    return local_time.normalize_local(local)


def _require_near_future(at: AwareDatetime) -> AwareDatetime:
    if at > now() + timedelta(days=MAX_VALID_DAYS):
        raise ValueError(f"must be within the next {MAX_VALID_DAYS} days")
    return _require_future(at)


def _require_account_or_email(text: str) -> str:
    """An e-mail address, or what may be the user name of an account, which the action looks up.

    Raises:
        ValueError: with the rest of a sentence that begins with "This", and names the entry.
    """
    shown = f"\u201c{text[:60]}\u201d" if text else "an empty entry"
    if "@" in text:
        try:
            return validate_email_address(text)
        except ValueError:
            reason = "which is not an e-mail address such as ada@example.com"
            raise ValueError(f"has {shown}, {reason}") from None
    if not text or len(text) > MAX_USERNAME or not text.isprintable():
        raise ValueError(f"has {shown}, which is neither an e-mail address nor a user name")
    return text


def _drop_repeats(names: list[str]) -> list[str]:
    """Keep the first of entries that differ only in case."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), name)
    return list(kept.values())


def without_defaults(schema: dict[str, Any]) -> None:
    """Leave defaults out of the documentation of fields that stay as they are."""
    for field in schema["properties"].values():
        field.pop("default", None)


WholeNumber = Annotated[int, BeforeValidator(_reject_boolean)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(validate_email_address)
]
OptionalEmail = Annotated[Email | None, BeforeValidator(none_if_blank)]
Allowance = Annotated[
    WholeNumber,
    Field(
        ge=0,
        le=MAX_ALLOWANCE,
        description="More time for a candidate who needs it, in percent of the duration",
    ),
]
Interviewers = Annotated[
    list[
        Annotated[
            str,
            StringConstraints(strip_whitespace=True),
            AfterValidator(_require_account_or_email),
        ]
    ],
    Field(
        max_length=MAX_INTERVIEWERS,
        description="Who holds the interview: user names of accounts, or e-mail addresses. "
        "Whoever is named gets the calendar entry by e-mail, if e-mail is set up",
    ),
    AfterValidator(_drop_repeats),
]
SendEmail = Annotated[
    bool,
    BeforeValidator(_false_if_blank),
    Field(description="Send the candidate the link by e-mail"),
]
# A schema must declare `send_email` before it: the last validator reads that value.
CandidateEmail = Annotated[
    OptionalEmail,
    AfterValidator(_require_for_email),
    Field(validate_default=True),
]
TimeZone = Annotated[
    str,
    BeforeValidator(_utc_if_unknown),
    AfterValidator(_require_known_zone),
    Field(description="The zone that the e-mail names its times in, besides UTC: Europe/Berlin"),
]
Text = Annotated[
    str,
    BeforeValidator(_normalize_line_breaks),
    StringConstraints(strip_whitespace=True),
    AfterValidator(_require_printable),
]
CandidateName = Annotated[Text, Field(min_length=1, max_length=MAX_NAME)]
ChallengeId = Annotated[Text, Field(min_length=1, max_length=100, description="A challenge's id")]
DurationMinutes = Annotated[WholeNumber, Field(ge=1, le=MAX_DURATION)]
ValidDays = Annotated[WholeNumber, Field(ge=1, le=MAX_VALID_DAYS)]
Instructions = Annotated[Text, Field(max_length=MAX_INSTRUCTIONS)]
ScheduledAt = Annotated[
    AwareDatetime,
    BeforeValidator(reject_numeric_time),
    AfterValidator(_require_future),
    Field(strict=False, description="Left out: it starts now"),
]
ConfirmOffset = Annotated[
    bool,
    BeforeValidator(_false_if_blank),
    Field(
        description="scheduledAt is right, even if this server's zone data gives "
        "scheduledLocal another instant"
    ),
]
# A schema must declare `scheduled_at`, `time_zone` and `confirm_offset` before it: the last
# validator reads their values.
ScheduledLocal = Annotated[
    str | None,
    BeforeValidator(none_if_blank),
    AfterValidator(_require_same_instant),
    Field(
        description="The time as it was said in timeZone: 2030-05-04T09:30. "
        "In place of scheduledAt, or with it if both are the same instant",
    ),
]
Deadline = Annotated[
    AwareDatetime,
    BeforeValidator(reject_numeric_time),
    AfterValidator(_require_near_future),
    Field(strict=False, description="The last moment to start; also of an expired invitation"),
]

"""The fields of invitations, as types that carry their limits and validators."""

from typing import Annotated, Any

from django.utils.translation import gettext_lazy
from pydantic import (
    AfterValidator,
    AliasGenerator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

from interviews.schemas.limits import (
    MAX_ALLOWANCE,
    MAX_DURATION,
    MAX_INSTRUCTIONS,
    MAX_INTERVIEWERS,
    MAX_NAME,
    MAX_VALID_DAYS,
)
from interviews.schemas.validators import (
    drop_repeats,
    false_if_blank,
    none_if_blank,
    normalize_line_breaks,
    reject_boolean,
    reject_numeric_time,
    require_account_or_email,
    require_for_email,
    require_future,
    require_known_zone,
    require_near_future,
    require_printable,
    require_same_instant,
    required,
    utc_if_unknown,
    validate_email_address,
)

CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True)
# For what is only answered with. With an alias to read by, Ninja first looks for the field by that
# name in the object, and each miss costs a listing of all of the object's attributes.
CAMEL_ANSWER = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


def without_defaults(schema: dict[str, Any]) -> None:
    """Leave defaults out of the documentation of fields that stay as they are."""
    for field in schema["properties"].values():
        field.pop("default", None)


WholeNumber = Annotated[int, BeforeValidator(reject_boolean)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(validate_email_address)
]
OptionalEmail = Annotated[Email | None, BeforeValidator(none_if_blank)]
Allowance = Annotated[
    WholeNumber,
    Field(
        ge=0,
        le=MAX_ALLOWANCE,
        description="Extra time for a candidate who needs it, in percent of the time limit",
    ),
]
Interviewers = Annotated[
    list[
        Annotated[
            str,
            StringConstraints(strip_whitespace=True),
            AfterValidator(require_account_or_email),
        ]
    ],
    Field(
        max_length=MAX_INTERVIEWERS,
        description="The interviewers: usernames of accounts, or email addresses. "
        "Each gets a calendar entry by email, if email is set up",
    ),
    AfterValidator(drop_repeats),
]
SendEmail = Annotated[
    bool,
    BeforeValidator(false_if_blank),
    Field(description="Email the link to the candidate"),
]
# A schema must declare `send_email` before it: the last validator reads that value.
CandidateEmail = Annotated[
    OptionalEmail,
    AfterValidator(require_for_email),
    Field(validate_default=True),
]
TimeZone = Annotated[
    str,
    BeforeValidator(utc_if_unknown),
    AfterValidator(require_known_zone),
    Field(description="The time zone of the times in the email, besides UTC: Europe/Berlin"),
]
Text = Annotated[
    str,
    BeforeValidator(normalize_line_breaks),
    StringConstraints(strip_whitespace=True),
    AfterValidator(require_printable),
]
CandidateName = Annotated[
    Text,
    required(gettext_lazy("Enter the candidate's name.")),
    Field(min_length=1, max_length=MAX_NAME),
]
ChallengeId = Annotated[
    Text,
    required(gettext_lazy("Choose a challenge.")),
    Field(min_length=1, max_length=100, description="The challenge's ID"),
]
DurationMinutes = Annotated[WholeNumber, Field(ge=1, le=MAX_DURATION)]
ValidDays = Annotated[WholeNumber, Field(ge=1, le=MAX_VALID_DAYS)]
Instructions = Annotated[Text, Field(max_length=MAX_INSTRUCTIONS)]
ScheduledAt = Annotated[
    AwareDatetime,
    BeforeValidator(reject_numeric_time),
    AfterValidator(require_future),
    Field(strict=False, description="Defaults to now"),
]
ConfirmOffset = Annotated[
    bool,
    BeforeValidator(false_if_blank),
    Field(
        description="Set to true to keep scheduledAt although this server's time zone data "
        "gives scheduledLocal another instant"
    ),
]
# A schema must declare `scheduled_at`, `time_zone` and `confirm_offset` before it: the last
# validator reads their values.
ScheduledLocal = Annotated[
    str | None,
    BeforeValidator(none_if_blank),
    AfterValidator(require_same_instant),
    Field(
        description="The local time in timeZone, for example 2030-05-04T09:30. "
        "Instead of scheduledAt, or with it if both are the same instant",
    ),
]
Deadline = Annotated[
    AwareDatetime,
    BeforeValidator(reject_numeric_time),
    AfterValidator(require_near_future),
    Field(
        strict=False, description="The deadline to start. Also reactivates an expired invitation"
    ),
]

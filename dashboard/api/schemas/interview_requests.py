"""The bodies of requests about interviews."""

from collections.abc import Callable
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field

from interviews.schemas.fields import CAMEL, without_defaults
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from interviews.schemas.limits import MAX_DURATION
from interviews.schemas.validators import reject_numeric_time
from operations.actions import MAX_EXTENSION


def with_example(example: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Document an edit: an example, and no defaults."""

    def extend(schema: dict[str, Any]) -> None:
        without_defaults(schema)
        schema["examples"] = [example]

    return extend


class TakeHomeIn(TakeHomeInvitation):
    """An invitation. Numbers are JSON numbers, never "60" and never true."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "candidateName": "Ada Lovelace",
                    "challenge": "room-booking",
                    "durationMinutes": 90,
                    "validDays": 7,
                }
            ]
        },
    )


class LiveIn(LiveInvitation):
    """The same for a live interview. `scheduledAt` is ISO 8601 with its offset; `scheduledLocal`
    has none, and is a time in `timeZone`."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "candidateName": "Grace Hopper",
                    "challenge": "room-booking",
                    "durationMinutes": 60,
                }
            ]
        },
    )


NOTIFY = "Whether people who were emailed before are emailed about the change"
Notify = Annotated[bool, Field(description=NOTIFY)]


class EditIn(InvitationEdit):
    """The fields to change. Fields that you leave out stay the same."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra=with_example({"candidateName": "Ada King", "durationMinutes": 120}),
    )

    notify: Notify = True


class RescheduleIn(Schema):
    """The new time, or the new length, or both. A time is `scheduledAt`, ISO 8601 with its offset,
    or `scheduledLocal`, which is read in `timeZone`, or both."""

    model_config = ConfigDict(
        strict=True,
        **CAMEL,
        json_schema_extra={
            "examples": [{"scheduledLocal": "2030-05-04T09:30", "timeZone": "Europe/Berlin"}]
        },
    )

    scheduled_at: (
        Annotated[AwareDatetime, BeforeValidator(reject_numeric_time), Field(strict=False)] | None
    ) = None
    scheduled_local: Annotated[str, Field(max_length=30)] | None = None
    time_zone: (
        Annotated[str, Field(max_length=64, description="Defaults to the interview's")] | None
    ) = None
    confirm_offset: Annotated[
        bool,
        Field(
            description="Set to true to keep scheduledAt although this server's time zone data "
            "gives scheduledLocal another instant"
        ),
    ] = False
    duration_minutes: int | None = Field(None, ge=1, le=MAX_DURATION)
    notify: Notify = True


class ExtendIn(Schema):
    """Minutes to add, or to take away with a negative number."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"minutes": 15}]})

    minutes: int = Field(ge=-MAX_EXTENSION, le=MAX_EXTENSION)
    notify: Notify = True


class ReopenIn(Schema):
    """For how many minutes the test is reopened."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"minutes": 30}]})

    minutes: int = Field(ge=1, le=MAX_DURATION)


class DestroyIn(Schema):
    """`save: false` gives up on the candidate's files."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"save": True}]})

    save: bool = True

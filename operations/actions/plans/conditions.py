"""What an edit and a reschedule have in common: what they require, and how they are told."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from interviews.attributes import invited_length
from interviews.models import Interview, StaleWriteError
from operations import deadlines
from operations.exceptions import InvalidInputError


def require_unchanged(interview: Interview, based_on: str | None) -> None:
    """Check that the row is the one that the person saw.

    Raises:
        StaleWriteError: if it is not.
    """
    if based_on and interview.write_id != based_on:
        raise StaleWriteError(interview.id)


def as_seen(based_on: str | None) -> Any:
    return Interview.write_id == based_on if based_on else None


def check_length(interview: Interview, name: str, changes: dict[str, Any]) -> None:
    """Check the length with the time that staff gave or took before.

    Raises:
        InvalidInputError: if less than a minute is left, or more than a day.
    """
    invited = invited_length(
        changes.get("duration_minutes", interview.duration_minutes),
        changes.get("allowance_percent", interview.allowance_percent),
    )
    length = invited + timedelta(seconds=int(interview.extra_seconds or 0))
    if not deadlines.MIN_TIME_LEFT <= length <= deadlines.MAX_LENGTH:
        hours = int(deadlines.MAX_LENGTH.total_seconds() // 3600)
        raise InvalidInputError(
            name,
            _("Including time added or taken away, it must be 1 minute to %(hours)s hours.")
            % {"hours": hours},
        )


def stored_names(changes: dict[str, Any]) -> list[str]:
    attributes = Interview.get_attributes()
    return sorted(str(attributes[name].attr_name) for name in changes)

"""System check of the time zone data's age."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from interviews.dynamodb import now
from interviews.local_time import zone_data


@register
def check_zone_data(**_: Any) -> list[CheckMessage]:
    """Governments change the rules of their zones several times a year."""
    since = zone_data.not_older_than()
    if now().date() - since <= zone_data.MAX_AGE:
        return []
    return [
        Warning(
            f"The time zone data {zone_data.VERSION} is about a year old or older (from {since} or "
            "soon after): live interviews may start at another time than people expect.",
            hint="Update the platform, or run make lock and install again.",
            id="platform.W016",
        )
    ]

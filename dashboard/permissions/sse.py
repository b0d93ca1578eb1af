"""Which staff may listen to the event stream."""

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from dashboard.permissions.roles import Permission, actor_of
from dashboard.second_factor.requirement import CODE, must_set_up
from operations.sse.consumer import Audience, StreamDenied


async def audience(scope: dict[str, Any]) -> Audience:
    """The audience of a staff connection: all events.

    Raises:
        StreamDenied: if the user is not staff with a role.
    """
    user = scope.get("user")
    if user is not None and await sync_to_async(must_set_up, thread_sensitive=False)(
        user, scope.get("session", {})
    ):
        raise StreamDenied(403, CODE, "Set up two-step sign-in first.")
    if user is None or not await sync_to_async(_hears, thread_sensitive=False)(user):
        raise StreamDenied(403, "forbidden", "Only staff may hear this.")
    return Audience(None, username=user.get_username())


def _hears(user: User) -> bool:
    is_staff = user.is_authenticated and user.is_staff
    return is_staff and actor_of(user).may(Permission.VIEW)

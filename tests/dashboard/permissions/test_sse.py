"""Which staff may listen to the event stream."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from dashboard.permissions import sse
from dashboard.permissions.roles import VIEWER, Permission
from operations.sse.consumer import Audience, StreamDenied
from tests.conftest import member


@dataclass
class FakeUser:
    """A user of whom no database is asked: the check runs in a thread of its own."""

    is_authenticated: bool = True
    is_staff: bool = True
    permissions: tuple[str, ...] = (Permission.VIEW.full,)

    def has_perm(self, permission: str) -> bool:
        return permission in self.permissions

    def get_username(self) -> str:
        return "somebody"


async def test_staff_who_may_see_interviews_hears_all_events() -> None:
    assert await sse.audience({"user": FakeUser()}) == Audience(None, username="somebody")


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"user": AnonymousUser()},
        {"user": FakeUser(is_authenticated=False)},
        {"user": FakeUser(is_staff=False)},
        {"user": FakeUser(permissions=(Permission.INVITE.full,))},
    ],
)
async def test_nobody_else_hears_anything(scope: dict[str, Any]) -> None:
    with pytest.raises(StreamDenied) as refused:
        await sse.audience(scope)
    denied = refused.value
    assert (denied.status, denied.code, str(denied), denied.retry_after) == (
        403,
        "forbidden",
        "Only staff may hear this.",
        None,
    )


def test_role_decides_who_hears(db: None) -> None:
    newcomer = User.objects.create_user("newcomer", is_staff=True)
    assert sse._hears(newcomer) is False
    assert sse._hears(member("viewer", VIEWER)) is True

"""People as the page *People* lists them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dashboard.permissions.roles import ROLES, role_name


class TwoStep(StrEnum):
    """How the person's second factor stands."""

    ON = "on"
    OFF = "off"
    # They have no password, so that only the provider asks for anything.
    BY_PROVIDER = "by_provider"


@dataclass(frozen=True)
class Person:
    """A member of staff."""

    user: User
    name: str
    # Those of the three, and the groups that administrators made; "Superuser" alone.
    roles: str
    sign_in: str
    two_step: TwoStep
    last_seen: datetime | None
    is_invited: bool

    @property
    def is_active(self) -> bool:
        return self.user.is_active

    @property
    def role(self) -> str:
        """The one role of the person, or ""."""
        held = [group.name for group in self.user.groups.all() if group.name in ROLES]
        return held[0] if len(held) == 1 else ""


def staff_users() -> QuerySet[User]:
    """The members of staff, active ones first, with what `person_of` reads."""
    return (
        User.objects.filter(is_staff=True)
        .select_related("last_seen")
        .prefetch_related("groups", "singlesignon_set", "totpdevice_set")
        .order_by("-is_active", "first_name", "last_name", "username")
    )


def person_of(user: User) -> Person:
    has_sso = bool(user.singlesignon_set.all())
    has_password = user.has_usable_password()
    seen = getattr(user, "last_seen", None)
    return Person(
        user=user,
        name=user.get_full_name() or user.get_username(),
        roles=_roles(user),
        sign_in=_sign_in(has_password=has_password, has_sso=has_sso),
        two_step=_two_step(user, has_password=has_password, has_sso=has_sso),
        # Before an upgrade nobody was noted.
        last_seen=seen.at if seen is not None else user.last_login,
        is_invited=user.is_active and not has_password and not has_sso,
    )


def _roles(user: User) -> str:
    if user.is_superuser:
        return _("Superuser")
    names = sorted(group.name for group in user.groups.all())
    return ", ".join(str(role_name(name)) for name in names)


def _sign_in(*, has_password: bool, has_sso: bool) -> str:
    if has_password and has_sso:
        return _("Password and single sign-on")
    if has_sso:
        return _("Single sign-on")
    return _("Password") if has_password else ""


def _two_step(user: User, *, has_password: bool, has_sso: bool) -> TwoStep:
    # Of all, as `staff_users` has read them.
    found: Any = user
    if any(device.confirmed for device in found.totpdevice_set.all()):
        return TwoStep.ON
    return TwoStep.BY_PROVIDER if has_sso and not has_password else TwoStep.OFF


def role_choices(roles: list[str]) -> list[tuple[str, Any]]:
    """Roles for a select, with their names in the reader's language."""
    return [(role, role_name(role)) for role in roles]

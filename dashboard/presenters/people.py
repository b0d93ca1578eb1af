"""People as the page *People* lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dashboard.permissions.roles import ROLES, role_name


@dataclass(frozen=True)
class Person:
    """A member of staff."""

    user: User
    name: str
    # Those of the three, and the groups that administrators made; "Superuser" alone.
    roles: str
    sign_in: str
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
        .prefetch_related("groups", "singlesignon_set")
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


def role_choices(roles: list[str]) -> list[tuple[str, Any]]:
    """Roles for a select, with their names in the reader's language."""
    return [(role, role_name(role)) for role in roles]

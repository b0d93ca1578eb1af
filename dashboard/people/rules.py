"""Who may change whom, and that an administrator always remains.

People can only grant what they may do themselves, and only change those who may do no more:
changing a password is as good as becoming that person.
"""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.models import Permission as DjangoPermission
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from dashboard.permissions.roles import ROLES, Permission, actor_of
from operations.exceptions import WrongStateError

OURS = Q(content_type__app_label="dashboard", codename__in=list(Permission))


def grantable_roles(manager: User) -> list[str]:
    """The roles whose permissions the manager has."""
    granted = actor_of(manager).permissions
    return [role for role, permissions in ROLES.items() if permissions <= granted]


def may_manage(manager: User, person: User) -> bool:
    """True if the person has no permission that the manager lacks, even while deactivated."""
    if manager.is_superuser:
        return True
    return not person.is_superuser and _permissions(person) <= actor_of(manager).permissions


def require_manageable(manager: User, person: User) -> None:
    """Check that the manager may change the person.

    Raises:
        WrongStateError: if the person may do more than the manager.
    """
    if not may_manage(manager, person):
        raise WrongStateError(_("This person has more permissions than you do."))


def require_another_administrator(person: User) -> None:
    """Check that somebody else could still manage people. To be called in a transaction.

    It locks the administrators, so that two who remove each other do it one after the other.

    Raises:
        WrongStateError: if the person is the last administrator.
    """
    list(_locked_administrators().values_list("pk"))
    # A query that waited for a lock knows the roles of before the wait, so they are read again.
    ids = list(_administrators().values_list("pk", flat=True))
    if ids == [person.pk]:
        raise WrongStateError(_("This is the last administrator. Make someone else one first."))


def is_administrator(is_active: bool, is_superuser: bool, groups: Iterable[Group]) -> bool:
    """Whether somebody like this could manage people."""
    holds = Group.objects.filter(
        pk__in=[group.pk for group in groups],
        permissions__in=DjangoPermission.objects.filter(OURS, codename=Permission.ADMINISTER),
    )
    return is_active and (is_superuser or holds.exists())


def has_fixed_role(person: User) -> bool:
    """True if single sign-on sets the role at each sign-in, so that a change would not last."""
    return bool(settings.OIDC_ROLE_CLAIM) and person.singlesignon_set.exists()


def _locked_administrators() -> QuerySet[User]:
    return _administrators().order_by("pk").select_for_update()


def _administrators() -> QuerySet[User]:
    administer = DjangoPermission.objects.filter(OURS, codename=Permission.ADMINISTER)
    holders = User.objects.filter(
        Q(is_superuser=True)
        | Q(groups__permissions__in=administer)
        | Q(user_permissions__in=administer)
    )
    # A lock does not go with the joins, so the rows are named by a subquery.
    return User.objects.filter(is_active=True, is_staff=True, pk__in=holders.values("pk"))


def _permissions(person: User) -> set[Permission]:
    """What the person may do while active."""
    held = DjangoPermission.objects.filter(OURS).filter(Q(group__user=person) | Q(user=person))
    return {Permission(code) for code in held.values_list("codename", flat=True)}

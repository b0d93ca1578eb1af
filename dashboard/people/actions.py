"""What is done to people; each action writes its audit entry."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.auth.usernames import free_username
from dashboard.people import rules, sessions
from dashboard.permissions.roles import ROLES
from interviews.schemas.validators import validate_email_address
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.staff import access

MAX_NAME = 150


@dataclass(frozen=True)
class PersonInput:
    """A person to invite."""

    name: str
    email: str
    role: str


def invite_person(manager: User, wanted: PersonInput) -> User:
    """Create an account without a password. `make_password_link` says how to set one.

    Raises:
        InvalidInputError: if a field cannot be accepted.
    """
    name, email = read_name(wanted.name), read_email(wanted.email)
    if wanted.role not in rules.grantable_roles(manager):
        raise InvalidInputError("role", _("Choose a role."))
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputError("email", _("Someone with this email already has an account."))
    first, last = split_name(name)
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                free_username(email), email, is_staff=True, first_name=first, last_name=last
            )
            _set_groups(person, add=wanted.role)
    except IntegrityError:
        # Somebody else invited them just now.
        message = _("Someone with this email already has an account.")
        raise InvalidInputError("email", message) from None
    audit.record(AuditAction.PERSON_INVITED, target=email, detail=wanted.role)
    return person


def email_password_link(manager: User, person: User) -> None:
    """Send the person a link to set a password. Once one link is used, no other works.

    Raises:
        WrongStateError: if the person may do more than the manager or is deactivated, or if there
            is no address, or e-mail is not set up.
    """
    if not settings.MAIL_IS_ON:
        raise WrongStateError(_("Email isn't set up on this server."))
    if not person.email:
        raise WrongStateError(_("This person has no email address."))
    _prepare_link(manager, person)
    access.queue_access_email(person, by=manager.get_username())


def make_password_link(manager: User, person: User) -> str:
    """Return the path of a page where the person sets a password: a secret, and used once.

    Raises:
        WrongStateError: if the person may do more than the manager, or is deactivated.
    """
    _prepare_link(manager, person)
    return access.password_path(person)


def change_role(manager: User, person: User, role: str) -> None:
    """Give the person this role in place of another one. Groups of other names stay.

    Raises:
        InvalidInputError: if the manager cannot grant the role.
        WrongStateError: if the person may do more than the manager, gets their role from single
            sign-on, or is the last administrator.
    """
    rules.require_manageable(manager, person)
    if role not in rules.grantable_roles(manager):
        raise InvalidInputError("role", _("Choose a role."))
    if rules.has_fixed_role(person):
        raise WrongStateError(_("Single sign-on sets the role of this person."))
    with transaction.atomic():
        held = set(person.groups.values_list("name", flat=True)) & ROLES.keys()
        if held == {role}:
            return
        groups = [*person.groups.exclude(name__in=ROLES), *Group.objects.filter(name=role)]
        if not rules.is_administrator(person.is_active, person.is_superuser, groups):
            rules.require_another_administrator(person)
        _set_groups(person, add=role)
        before = ", ".join(sorted(held)) or "none"
        audit.record(
            AuditAction.ROLE_CHANGED, target=person.get_username(), detail=f"{before} to {role}"
        )


def deactivate_person(manager: User, person: User) -> None:
    """Sign the person out everywhere and keep them out. What they did stays under their name.

    Raises:
        WrongStateError: if it is the manager, may do more, or is the last administrator.
    """
    rules.require_manageable(manager, person)
    if manager.pk == person.pk:
        raise WrongStateError(_("You can't deactivate your own account."))
    with transaction.atomic():
        rules.require_another_administrator(person)
        if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            return
        sessions.delete_sessions(person)
        audit.record(AuditAction.PERSON_DEACTIVATED, target=person.get_username())


def reactivate_person(manager: User, person: User) -> None:
    """Let the person sign in again, with the role and the password of before.

    Raises:
        WrongStateError: if the person may do more than the manager.
    """
    rules.require_manageable(manager, person)
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        audit.record(AuditAction.PERSON_REACTIVATED, target=person.get_username())


def end_sessions(manager: User, person: User, *, keep: str | None = None) -> int:
    """Sign the person out everywhere, but for the session `keep`; return how many there were.

    Raises:
        WrongStateError: if the person may do more than the manager.
    """
    rules.require_manageable(manager, person)
    ended = sessions.delete_sessions(person, keep=keep)
    audit.record(AuditAction.PERSON_SIGNED_OUT, target=person.get_username())
    return ended


def read_name(text: str) -> str:
    """Return the name without surrounding spaces.

    Raises:
        InvalidInputError: if it is empty, too long or not one line.
    """
    name = " ".join(text.split())
    if not name:
        raise InvalidInputError("name", _("Enter a name."))
    if len(name) > MAX_NAME or not name.isprintable():
        message = _("Use %(count)s visible characters or fewer.") % {"count": MAX_NAME}
        raise InvalidInputError("name", message)
    return name


def split_name(name: str) -> tuple[str, str]:
    """The first and the last name, as Django stores them: the last word is the last name."""
    first, _space, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def read_email(text: str) -> str:
    """Return the address without surrounding spaces.

    Raises:
        InvalidInputError: if it is no email address.
    """
    email = text.strip()
    try:
        return validate_email_address(email)
    except ValueError:
        message = _("Enter an email address, such as ada@example.com.")
        raise InvalidInputError("email", message) from None


def _prepare_link(manager: User, person: User) -> None:
    rules.require_manageable(manager, person)
    if not person.is_active:
        raise WrongStateError(_("This account is deactivated. Reactivate it first."))
    if not person.has_usable_password():
        # Another unusable password: earlier links were made for the one before.
        person.set_unusable_password()
        person.save(update_fields=["password"])
    audit.record(AuditAction.PERSON_LINK_MADE, target=person.get_username())


def _set_groups(person: Any, *, add: str) -> None:
    """Replace the role. It sends no signal, whose receiver would write a second audit entry."""
    through = User.groups.through.objects
    through.filter(user=person, group__name__in=ROLES).exclude(group__name=add).delete()
    through.get_or_create(user=person, group=Group.objects.get(name=add))

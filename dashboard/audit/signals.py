"""What Django tells of people: who signed in, who failed to, and whose role was changed."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import m2m_changed
from django.http import HttpRequest

from dashboard.permissions.decorators import address_of
from operations import audit
from operations.audit import AuditAction, Channel, Origin

# Who changes roles outside a request: a command, or a shell.
MANAGE_PY = Origin("manage.py", Channel.COMMAND)


def listen() -> None:
    """To be called once, when the apps are there."""
    user_logged_in.connect(_signed_in)
    user_login_failed.connect(_sign_in_failed)
    m2m_changed.connect(_roles_changed, sender=User.groups.through)


def _signed_in(sender: Any, request: HttpRequest | None, user: User, **_: Any) -> None:
    # Without an address it is no request, but a session that was made by hand.
    if request is not None and request.path:
        origin = Origin(user.get_username(), Channel.PAGE, address_of(request))
        audit.record(AuditAction.SIGNED_IN, origin=origin)


def _sign_in_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    if request is None:
        return
    name = str(credentials.get("username") or "")[:150]
    # Not a name that nobody has: people type their password there.
    known = get_user_model().objects.filter(username=name).exists()
    origin = Origin(name if known else "unknown", Channel.PAGE, address_of(request))
    audit.record(AuditAction.SIGN_IN_FAILED, origin=origin)


def _roles_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
) -> None:
    """From either side: roles given to a person, or people put into a role."""
    if action == "pre_clear":
        pk_set = set(
            (instance.user_set if reverse else instance.groups).values_list("pk", flat=True)
        )
    words = {"post_add": "given", "post_remove": "taken", "pre_clear": "taken"}.get(action)
    if words is None or not pk_set:
        return
    others: Any = (User if reverse else Group).objects.filter(pk__in=pk_set)
    for other in others:
        person, role = (other, instance) if reverse else (instance, other)
        _role_changed(person.get_username(), f"{role.name}: {words}")


def _role_changed(person: str, detail: str) -> None:
    origin = audit.current_origin() or MANAGE_PY
    audit.record(AuditAction.ROLE_CHANGED, target=person, detail=detail, origin=origin)

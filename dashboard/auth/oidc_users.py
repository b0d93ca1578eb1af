"""Which user a single sign-on belongs to, and in which role.

The provider's subject alone identifies a user: an e-mail address may be reassigned, or belong to
another account here.
"""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.auth.usernames import free_username
from dashboard.models import SingleSignOn
from dashboard.permissions.roles import ROLES
from operations import audit
from operations.audit import AuditAction, Channel, Origin

logger = structlog.get_logger(__name__)

MAX_SUBJECT = 255


class SignInDenied(Exception):
    """The user may not sign in.

    The text is shown to them, `reason` is two words for the audit trail.
    """

    def __init__(self, sentence: str, reason: str, who: str = "unknown") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.who = who


@transaction.atomic
def provision_user(claims: dict[str, Any]) -> User:
    """The user that verified claims belong to, created if new, with the role of these claims.

    Raises:
        SignInDenied: if they may not sign in; then nothing was changed or created.
    """
    # As the provider writes it: OIDC_ISSUER may or may not end with a slash.
    issuer, subject = str(claims["iss"]), claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise SignInDenied(_("Single sign-on didn't tell us who you are."), "no subject")
    email = _email(claims)
    existing = _linked_user(issuer, subject)
    user = existing or _create_user(issuer, subject, email, claims)
    if not user.is_active or not user.is_staff:
        raise SignInDenied(
            _("Your account is deactivated. Ask an administrator."),
            "switched off",
            user.get_username(),
        )
    if user.email != email:
        user.email = email
        user.save(update_fields=["email"])
    if settings.OIDC_ROLE_CLAIM or existing is None:
        _set_role(user, _role(claims))
    return user


def _email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or len(email) > 254 or not _is_address(email):
        raise SignInDenied(_("Single sign-on didn't tell us your email address."), "no e-mail")
    # Some providers send the flag as text.
    if claims.get("email_verified") not in (True, "true"):
        raise SignInDenied(
            _("Your email address isn't verified. Verify it with your sign-in provider."),
            "e-mail not verified",
        )
    domain = email.rpartition("@")[2].lower()
    if settings.OIDC_ALLOWED_DOMAINS and domain not in settings.OIDC_ALLOWED_DOMAINS:
        sentence = _("Addresses at %(domain)s can't sign in here.") % {"domain": domain}
        raise SignInDenied(sentence, "domain not allowed")
    return email


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _linked_user(issuer: str, subject: str) -> User | None:
    found = SingleSignOn.objects.filter(issuer=issuer, subject=subject).select_related("user")
    first = found.first()
    return first.user if first is not None else None


def _create_user(issuer: str, subject: str, email: str, claims: dict[str, Any]) -> User:
    """Create a user.

    Two concurrent sign-ins create one; two users of one address get separate names.
    """
    name = free_username(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                name,
                email,
                is_staff=True,
                first_name=str(claims.get("given_name") or "")[:150],
                last_name=str(claims.get("family_name") or "")[:150],
            )
            SingleSignOn.objects.create(issuer=issuer, subject=subject, user=user)
    except IntegrityError:
        existing = _linked_user(issuer, subject)
        if existing is not None:
            return existing
        if not User.objects.filter(username=name).exists():
            raise
        # Another user took the name in the meantime.
        return _create_user(issuer, subject, email, claims)
    audit.record(
        AuditAction.JOINED,
        target=email,
        detail="single sign-on",
        origin=Origin(user.get_username(), Channel.PAGE),
    )
    return user


def _role(claims: dict[str, Any]) -> str | None:
    """The role in the claim, or the default one; None lets the user wait for an administrator."""
    named = claims.get(settings.OIDC_ROLE_CLAIM) if settings.OIDC_ROLE_CLAIM else None
    values = named if isinstance(named, list) else [named]
    claimed = {value.strip().lower() for value in values if isinstance(value, str)}
    # The role with the most permissions wins, if the claim names several.
    by_rank = sorted(ROLES, key=lambda role: len(ROLES[role]), reverse=True)
    role = next((role for role in by_rank if role.lower() in claimed), None)
    if settings.OIDC_ROLE_CLAIM and role is None:
        # For the administrator who maps roles at the provider. Log no values: they may be all the
        # user's groups.
        sent = settings.OIDC_ROLE_CLAIM in claims
        logger.info("sso_claim_without_role", claim=settings.OIDC_ROLE_CLAIM, was_sent=sent)
    return role or settings.OIDC_DEFAULT_ROLE or None


def _set_role(user: User, role: str | None) -> None:
    """Set this role as the only one of the three. Administrators manage the other groups."""
    ours = user.groups.filter(name__in=ROLES)
    if set(ours.values_list("name", flat=True)) == ({role} if role else set()):
        return
    group = Group.objects.filter(name=role).first() if role in ROLES else None
    if role is not None and group is None:
        logger.error("sso_role_missing", role=role, default=settings.OIDC_DEFAULT_ROLE)
        raise SignInDenied(
            _("Your role would be %(role)s, which doesn't exist here. Tell an administrator.")
            % {"role": role},
            "no such role",
            user.get_username(),
        )
    user.groups.remove(*ours.exclude(name=role or ""))
    if group is not None:
        user.groups.add(group)

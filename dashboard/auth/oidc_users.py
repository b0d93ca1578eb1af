"""Who comes in by single sign-on, as whom, and in which role.

A person is known by the provider's subject and nothing else: an e-mail address may be given to
somebody new, and may be that of an account here which is somebody else's.
"""

import re
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from dashboard.models import SingleSignOn
from dashboard.permissions.roles import ROLES
from operations import audit
from operations.audit import AuditAction, Channel, Origin

logger = structlog.get_logger(__name__)

MAX_SUBJECT = 255


class SignInDenied(Exception):
    """They may not come in; the text is a sentence for them, `reason` two words for the audit."""

    def __init__(self, sentence: str, reason: str, who: str = "unknown") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.who = who


@transaction.atomic
def provision_user(claims: dict[str, Any]) -> User:
    """Whom verified claims belong to, made now if they are new, with the role of this moment.
    Raises SignInDenied: then nothing was changed, and nobody was made."""
    # As the provider writes it: OIDC_ISSUER may have a slash at its end, or none.
    issuer, subject = str(claims["iss"]), claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise SignInDenied("Single sign-on did not say who you are.", "no subject")
    email = _email(claims)
    known = _known(issuer, subject)
    user = known or _made(issuer, subject, email, claims)
    if not user.is_active or not user.is_staff:
        raise SignInDenied(
            "Your account here was switched off. Please ask an administrator.",
            "switched off",
            user.get_username(),
        )
    if user.email != email:
        user.email = email
        user.save(update_fields=["email"])
    if settings.OIDC_ROLE_CLAIM or known is None:
        _give(user, _role(claims))
    return user


def _email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    if not isinstance(email, str) or len(email) > 254 or not _is_address(email):
        raise SignInDenied("Single sign-on did not say your e-mail address.", "no e-mail")
    # Some providers write it as text.
    if claims.get("email_verified") not in (True, "true"):
        raise SignInDenied(
            "Your e-mail address is not verified. Please verify it where you sign in.",
            "e-mail not verified",
        )
    domain = email.rpartition("@")[2].lower()
    if settings.OIDC_ALLOWED_DOMAINS and domain not in settings.OIDC_ALLOWED_DOMAINS:
        raise SignInDenied(f"Addresses at {domain} may not sign in here.", "domain not allowed")
    return email


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _known(issuer: str, subject: str) -> User | None:
    found = SingleSignOn.objects.filter(issuer=issuer, subject=subject).select_related("user")
    first = found.first()
    return first.user if first is not None else None


def _made(issuer: str, subject: str, email: str, claims: dict[str, Any]) -> User:
    """Two at once make one; of two people of one address each has a name of their own."""
    name = _free_name(email)
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
        there = _known(issuer, subject)
        if there is not None:
            return there
        if not User.objects.filter(username=name).exists():
            raise
        # Somebody else was given the name since it was free.
        return _made(issuer, subject, email, claims)
    audit.record(
        AuditAction.JOINED,
        target=email,
        detail="single sign-on",
        origin=Origin(user.get_username(), Channel.PAGE),
    )
    return user


def _free_name(email: str) -> str:
    """The address, or where an account here has it the address with a number. What a user name
    must not hold is a dash: the admin would not save such a person's role."""
    stem, number = re.sub(r"[^\w.@+-]", "-", email.lower())[:140], 1
    name = stem
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name


def _role(claims: dict[str, Any]) -> str | None:
    """The one that the claim names, or the usual one; None: they wait for an administrator."""
    named = claims.get(settings.OIDC_ROLE_CLAIM) if settings.OIDC_ROLE_CLAIM else None
    values = named if isinstance(named, list) else [named]
    wanted = {value.strip().lower() for value in values if isinstance(value, str)}
    # The role that may most, where several are named: an administrator is one, whatever else.
    by_rank = sorted(ROLES, key=lambda role: len(ROLES[role]), reverse=True)
    found = next((role for role in by_rank if role.lower() in wanted), None)
    if settings.OIDC_ROLE_CLAIM and found is None:
        # For whoever maps roles at the provider. Not what was sent: that may be all groups.
        sent = settings.OIDC_ROLE_CLAIM in claims
        logger.info("sso_claim_without_role", claim=settings.OIDC_ROLE_CLAIM, was_sent=sent)
    return found or settings.OIDC_DEFAULT_ROLE or None


def _give(user: User, role: str | None) -> None:
    """That role alone of the three; other groups are the administrators' own."""
    ours = user.groups.filter(name__in=ROLES)
    if set(ours.values_list("name", flat=True)) == ({role} if role else set()):
        return
    given = Group.objects.filter(name=role).first() if role in ROLES else None
    if role is not None and given is None:
        logger.error("sso_role_missing", role=role, default=settings.OIDC_DEFAULT_ROLE)
        raise SignInDenied(
            f"You would be {role} here, and there is no such role. Please tell an administrator.",
            "no such role",
            user.get_username(),
        )
    user.groups.remove(*ours.exclude(name=role or ""))
    if given is not None:
        user.groups.add(given)

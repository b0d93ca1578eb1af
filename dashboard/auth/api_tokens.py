"""API tokens: created once, stored as a hash, and looked up in constant time."""

import hashlib
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from dashboard.models import ApiToken
from dashboard.permissions.roles import ROLES, Actor
from operations import audit
from operations.audit import AuditAction

PREFIX = "thp_"
# Write the time of last use at most this often: a busy client must not cause a write per call.
NOTE_USE_EVERY = timedelta(minutes=1)


class TokenNameTakenError(Exception):
    """Another token has this name; it may have been created at the same time."""


def create(name: str, role: str, *, by: str) -> tuple[ApiToken, str]:
    """Make a token; its text is returned here and can never be shown again.

    Raises:
        TokenNameTakenError: if another token has the name.
        ValueError: if there is no such role.
    """
    if role not in ROLES:
        raise ValueError(f"there is no role {role!r}")
    text = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                name=name, role=role, digest=digest(text), hint=text[:10], created_by=by
            )
    except IntegrityError:
        raise TokenNameTakenError(name) from None
    audit.record(AuditAction.TOKEN_CREATED, target=name, detail=role)
    return token, text


def actor_of_token(text: str) -> Actor | None:
    """The actor that a token authenticates, or None if it is unknown or revoked."""
    token = ApiToken.objects.filter(digest=digest(text), revoked_at=None).first()
    if token is None:
        return None
    at = timezone.now()
    if token.last_used_at is None or token.last_used_at + NOTE_USE_EVERY < at:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    # A role that the code has no more permits nothing.
    permissions = ROLES.get(token.role, frozenset())
    return Actor(f"token {token.name}", permissions, is_token=True)


def revoke(token: ApiToken) -> None:
    """Make the token invalid from now on. Revoking it again keeps the first time."""
    working = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if working.update(revoked_at=timezone.now()):
        audit.record(AuditAction.TOKEN_REVOKED, target=token.name)


def digest(text: str) -> str:
    """Hash a token. SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()

"""Passwords that people set themselves."""

from typing import Any

from operations import audit
from operations.audit import AuditAction, Channel, Origin


def record_password_set(user: Any, address: str) -> None:
    """Note that a person set a password, by a link or on their profile; they are the actor."""
    origin = Origin(user.get_username(), Channel.PAGE, address)
    audit.record(AuditAction.PASSWORD_SET, target=user.get_username(), origin=origin)

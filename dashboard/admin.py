"""What is in Django's admin: each part registers itself."""

from dashboard import (
    admin_audit,
    admin_challenges,
    admin_interviews,
    admin_mail,
    admin_operations,
    admin_people,
    admin_tokens,
    admin_webhooks,
)

__all__ = [
    "admin_audit",
    "admin_challenges",
    "admin_interviews",
    "admin_mail",
    "admin_operations",
    "admin_people",
    "admin_tokens",
    "admin_webhooks",
]

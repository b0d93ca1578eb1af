"""Django's admin. Each module registers its own classes when it is imported here."""

from dashboard.admin import (
    api_tokens,
    audit_log,
    challenges,
    emails,
    interviews,
    operations,
    users,
    webhooks,
)

__all__ = [
    "api_tokens",
    "audit_log",
    "challenges",
    "emails",
    "interviews",
    "operations",
    "users",
    "webhooks",
]

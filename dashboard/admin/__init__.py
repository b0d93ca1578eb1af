"""What is in Django's admin: each part registers itself."""

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

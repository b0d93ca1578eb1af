"""The admin's pages of the team."""

from typing import Any

from operations.audit.models import AuditEntry
from tests.dashboard.html import soup

TOKENS = "/admin/dashboard/apitoken/"
AUDIT = "/admin/dashboard/auditentry/"
MESSAGES = "/admin/operations/message/"


def options(response: Any, name: str) -> list[str]:
    found = soup(response).select(f"[name={name}] option")
    return [option.get_text(strip=True) for option in found if option.get("value")]


def audited() -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.order_by("id")
    return [(entry.what, entry.target, entry.detail) for entry in found]

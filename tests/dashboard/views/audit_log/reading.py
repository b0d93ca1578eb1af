"""Lines of the audit log."""

from typing import Any

from operations.audit.models import AuditEntry
from tests.dashboard.html import soup

PAGE = "/audit/"
FILE = "/audit/audit.csv"


def lines(response: Any) -> list[list[str]]:
    """Actor, action and target of each line."""
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")][1:4]
        for row in soup(response).select(".audit tbody tr")
    ]


def write(what: str = "extended", actor: str = "ada", **more: str) -> None:
    AuditEntry.objects.create(actor=actor, what=what, via="page", **more)

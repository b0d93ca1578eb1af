"""URLs and pages of the records in the admin."""

from typing import Any

from django.contrib.admin.utils import quote
from django.test import Client

from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.dashboard.html import soup

INTERVIEWS = "/admin/dashboard/interviewrecord/"
OPERATIONS = "/admin/dashboard/operationrecord/"
CHALLENGES = "/admin/dashboard/challengerecord/"
LISTS = (INTERVIEWS, OPERATIONS, CHALLENGES)


def names(response: Any) -> list[str]:
    return [each.get_text(strip=True) for each in soup(response).select("#result_list tbody th")]


def page_of(interview: Interview) -> str:
    return f"{INTERVIEWS}{quote(interview.id)}/change/"


def audited() -> list[tuple[str, str, str, str]]:
    return [(e.actor, e.what, e.interview_id, e.via) for e in AuditEntry.objects.order_by("id")]


def act(client: Client, verb: str, *ids: str, **more: str) -> Any:
    """Run an action on the selected records, and confirm it."""
    data = {"action": verb, "_selected_action": list(ids), "post": "yes", **more}
    return client.post(INTERVIEWS, data, follow=True)


def messages_of(response: Any) -> list[str]:
    return [each.get_text(strip=True) for each in soup(response).select(".messagelist li")]

"""/api/audit."""

from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import ADMINISTRATOR
from operations.audit.models import AuditEntry


def test_api_says_the_same(client: Client, db: None) -> None:
    AuditEntry.objects.create(
        actor="ada", what="extended", via="page", interview_id="takehome-1", detail="15 minutes"
    )
    _, text = api_tokens.create("reports", ADMINISTRATOR, by="admin")
    answer = client.get("/api/audit?what=extended", headers={"Authorization": f"Bearer {text}"})
    (item,) = answer.json()["items"]
    assert {**item, "at": ""} == {
        "at": "",
        "actor": "ada",
        "what": "extended",
        "interviewId": "takehome-1",
        "target": "",
        "detail": "15 minutes",
        "address": "",
        "via": "page",
    }

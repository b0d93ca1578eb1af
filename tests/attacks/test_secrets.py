"""A whole life of a take-home, with every sink: what the platform writes has none of its secrets.

The log has a test of its own (`tests/takehome_platform/test_no_secrets.py`).
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import ADMINISTRATOR
from interviews import queries
from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations import actions, operation_log, rate_limit
from operations.audit.models import AuditEntry
from operations.mail import sender
from operations.mail.models import Message
from operations.models import Operation
from operations.webhooks import periodic
from operations.webhooks.models import Delivery
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dashboard.webhooks import SECRET, make_webhook
from tests.fakes import FakeProvisioner, FakeStream, Quoting

ADDRESS = "ada@example.com"


class Life:
    """What a take-home's life wrote, and the secrets that it had."""

    def __init__(self, interview: Interview) -> None:
        self.interview = interview
        self.secrets: set[str] = {SECRET, "a good one 4"}
        self.operations: list[str] = []

    def note(self) -> None:
        """Add the secrets and the operation of this moment."""
        now = fresh(self.interview)
        self.secrets |= {str(each) for each in (now.password, now.access_url) if each}
        if now.operation_id and now.operation_id not in self.operations:
            self.operations.append(now.operation_id)


@pytest.fixture
def life(
    staff: User,
    settings: Any,
    invite: Callable[..., Interview],
    use_engine: Callable[..., FakeProvisioner],
) -> Life:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    make_webhook(sends_name=True)
    interview = invite(send_email=True, candidate_email=ADDRESS)
    life = Life(interview)
    sender.send_message(Message.objects.get(kind="invitation").pk)
    candidate, recruiter, address = Client(), Client(), f"/take-home/{interview.passcode}"
    recruiter.post("/login/", {"username": "recruiter", "password": "a good one 4"})
    _, token = api_tokens.create("ats", ADMINISTRATOR, by="recruiter")
    use_engine(Quoting())
    for engine, path in ((Quoting(), "start"), (FakeProvisioner(), "retry")):
        use_engine(engine)
        candidate.post(f"{address}/{path}")
        life.note()
        run_until_idle(interview)
        life.note()
    assert fresh(interview).status == "active"
    what = {"what": "password"}
    assert recruiter.post(f"/interviews/{interview.id}/copied/", what).status_code == 204
    recruiter.get(f"/interviews/{interview.id}/")
    what = {"what": "password", "purpose": "show"}
    assert recruiter.post(f"/interviews/{interview.id}/secret/", what).status_code == 200
    bearer = {"Authorization": f"Bearer {token}"}
    body = {"minutes": 5}
    url = f"/api/interviews/{interview.id}/extend"
    recruiter.post(url, body, content_type="application/json", headers=bearer)
    candidate.post(f"{address}/submit")
    life.note()
    run_until_idle(interview)
    actions.reopen(fresh(interview), 30, by="recruiter")
    life.note()
    run_until_idle(interview)
    life.note()
    actions.end(fresh(interview), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)
    life.note()
    periodic.relay_and_dispatch()
    life.secrets |= {str(interview.passcode), token}
    life.secrets |= {m.value for each in (recruiter, candidate) for m in each.cookies.values()}
    assert len(life.secrets) >= 9
    return life


def leaked(life: Life, text: str, *, but: str = "") -> list[str]:
    return [secret for secret in life.secrets if secret in text and secret != but]


def test_events_and_tasks_have_no_secret(
    life: Life, stream: FakeStream, enqueued: list[tuple[str, str]]
) -> None:
    assert (len(stream.entries) > 10, len(enqueued) > 5) == (True, True)
    assert leaked(life, stream.text + json.dumps(enqueued)) == []


def test_audit_trail_and_webhooks_have_no_secret(life: Life) -> None:
    entries, deliveries = AuditEntry.objects.all(), Delivery.objects.all()
    assert (len(entries) > 3, len(deliveries) > 10) == (True, True)
    assert leaked(life, serializers.serialize("json", entries)) == []
    assert leaked(life, "".join(each.body + each.error for each in deliveries)) == []


def test_operations_and_their_logs_have_no_secret(life: Life) -> None:
    lines = [line.message for each in life.operations for line in operation_log.read_lines(each)]
    rows = json.dumps([Operation.get(each).serialize() for each in life.operations])
    assert (len(life.operations) >= 4, len(lines) > 10) == (True, True)
    assert leaked(life, rows + "".join(lines)) == []
    assert operation_of(life.interview).id in life.operations


def test_the_row_keeps_no_password_after_the_end(life: Life) -> None:
    row = json.dumps(fresh(life.interview).serialize(), default=str)
    assert leaked(life, row, but=str(life.interview.passcode)) == []


def test_an_email_has_the_link_and_nothing_else(life: Life, mailoutbox: list[Any]) -> None:
    passcode = str(life.interview.passcode)
    assert leaked(life, serializers.serialize("json", Message.objects.all())) == []
    [mail] = mailoutbox
    text = mail.message().as_string()
    assert leaked(life, text, but=passcode) == []
    link = f"https://tests.example.com/take-home/{passcode}/"
    assert passcode in mail.body
    assert passcode not in mail.body.replace(link, "")


def test_limits_are_counted_under_no_passcode(life: Life) -> None:
    """These keys are in Redis."""
    Client().get(f"/take-home/{str(life.interview.passcode)[::-1]}/")
    storage: Any = rate_limit._counter()._local.storage
    keys = "".join(storage.events)
    assert "passcode" in keys
    assert leaked(life, keys) == []
    assert str(life.interview.passcode)[::-1] not in keys


def test_error_pages_have_no_secret(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    row = fresh(life.interview)

    def fail(passcode: str) -> None:
        raise RuntimeError(f"passcode={passcode} {life.secrets}")

    monkeypatch.setattr(queries, "get_by_passcode", fail)
    for url in (f"/take-home/{row.passcode}/", f"/api/interviews/by-passcode/{row.passcode}"):
        for headers in ({}, {"HX-Request": "true"}):
            answer: Any = client.get(url, headers=headers)
            assert (answer.status_code, leaked(life, answer.text)) == (500, [])

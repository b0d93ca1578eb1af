"""The audit trail: who did what, from where; added to, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.auth import api_tokens
from dashboard.permissions.roles import INTERVIEWER, VIEWER
from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.http import post

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[str, str, str, str]]:
    return [(e.actor, e.what, e.interview_id, e.via) for e in AuditEntry.objects.order_by("id")]


def test_what_is_done_on_a_page_is_written_down(
    client: Client, staff: User, take_home: Interview
) -> None:
    client.force_login(staff)
    client.post(f"/interviews/{take_home.id}/revoke/", headers={"HX-Request": "true"})
    assert entries() == [("recruiter", "revoked", take_home.id, "page")]
    assert AuditEntry.objects.get().address == "127.0.0.1"


def test_what_was_refused_is_not(client: Client, staff: User, take_home: Interview) -> None:
    client.force_login(staff)
    client.post(f"/interviews/{take_home.id}/retry/", headers={"HX-Request": "true"})
    assert entries() == []


def test_what_a_machine_does_is_written_down(client: Client, take_home: Interview) -> None:
    _, text = api_tokens.create("ats", INTERVIEWER, by="admin")
    client.post(
        f"/api/interviews/{take_home.id}/extend",
        {"minutes": 5},
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )
    assert entries() == [("token ats", "extended", take_home.id, "api")]
    assert AuditEntry.objects.get().detail == "5 minutes"


def test_who_looks_at_a_password_is_written_down_once_in_a_while(
    client: Client, staff: User, running: Interview
) -> None:
    address, asked = f"/interviews/{running.id}/secret/", {"what": "password", "purpose": "show"}
    client.force_login(staff)
    for _ in range(3):
        assert client.post(address, asked).content.decode() == running.password
    assert entries() == [("recruiter", "saw_credentials", running.id, "page")]
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        client.force_login(staff)
        client.post(address, asked)
    assert len(entries()) == 2


def test_a_page_that_shows_dots_is_not_written_down(
    client: Client, staff: User, running: Interview
) -> None:
    client.force_login(staff)
    for address in ("/", f"/interviews/{running.id}/", f"/interviews/{running.id}/row/"):
        assert str(running.password) not in client.get(address).content.decode()
    assert entries() == []


def test_who_copies_a_password_is_written_down_with_it(
    client: Client, staff: User, running: Interview
) -> None:
    client.force_login(staff)
    asked = {"what": "password", "purpose": "copy"}
    assert client.post(f"/interviews/{running.id}/secret/", asked).status_code == 200
    assert entries() == [("recruiter", "copied_credentials", running.id, "page")]
    assert AuditEntry.objects.get().detail == "password"


def test_a_copied_message_has_the_password_as_it_is(
    client: Client, staff: User, regular: Interview
) -> None:
    regular.change(password="it's a&b")
    client.force_login(staff)
    asked = {"what": "message", "purpose": "copy"}
    response = client.post(f"/interviews/{regular.id}/secret/", asked)
    assert response.content.decode().endswith("it's a&b")


@pytest.mark.parametrize(
    "asked", [{}, {"what": "passcode", "purpose": "show"}, {"what": "password", "purpose": "look"}]
)
def test_secret_for_something_else_is_refused(
    client: Client, staff: User, running: Interview, asked: dict[str, str]
) -> None:
    client.force_login(staff)
    response = client.post(f"/interviews/{running.id}/secret/", asked)
    assert (response.status_code, entries()) == (422, [])


def test_a_viewer_who_was_shown_none_is_not_written_down(
    client: Client, running: Interview
) -> None:
    client.force_login(member("viewer", VIEWER))
    client.get("/")
    client.get(f"/api/interviews/{running.id}")
    assert entries() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.update(actor="somebody else"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(what="nothing"),
        lambda entry: AuditEntry._base_manager.update(actor="somebody else"),
        lambda entry: AuditEntry._base_manager.all().delete(),
        lambda entry: AuditEntry.objects.bulk_create(
            [AuditEntry(pk=entry.pk, actor="somebody else", what="nothing", via="page")],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["actor"],
        ),
    ],
)
def test_nothing_can_be_changed_or_removed(
    client: Client, staff: User, take_home: Interview, change: Any
) -> None:
    client.force_login(staff)
    post(client, f"/api/interviews/{take_home.id}/cancel")
    with pytest.raises(TypeError, match="only added to"):
        change(AuditEntry.objects.get())
    assert entries() == [("recruiter", "revoked", take_home.id, "api")]


def test_no_secret_is_in_it(client: Client, staff: User, running: Interview) -> None:
    client.force_login(staff)
    client.get("/")
    post(client, f"/api/interviews/{running.id}/extend", {"minutes": 5})
    text = str(list(AuditEntry.objects.values()))
    for secret in (running.password, running.passcode, running.access_url):
        assert str(secret) not in text

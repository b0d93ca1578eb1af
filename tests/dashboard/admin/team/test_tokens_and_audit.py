"""Tokens and the audit trail in the admin."""

from typing import Any

import pytest
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.models import ApiToken
from dashboard.permissions.roles import (
    ADMINISTRATOR,
    ROLES,
    VIEWER,
)
from operations.audit.models import AuditEntry
from operations.mail import outbox
from operations.mail.models import Message
from tests.conftest import member
from tests.dashboard.admin.team.pages import AUDIT, MESSAGES, TOKENS, audited, options
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once(staff_client: Client) -> None:
    response = staff_client.post(f"{TOKENS}add/", {"name": "ats", "role": VIEWER})
    text = soup(response).select_one("#token").get_text(strip=True)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    actor = api_tokens.actor_of_token(text)
    assert actor is not None
    assert (actor.name, actor.permissions) == ("token ats", ROLES[VIEWER])
    token = ApiToken.objects.get()
    for address in (TOKENS, f"{TOKENS}{token.pk}/change/", f"{TOKENS}{token.pk}/history/", AUDIT):
        body = staff_client.get(address).content.decode()
        assert text not in body, address
        assert token.digest not in body, address
    assert text not in str(list(staff_client.cookies.values()))
    assert audited() == [("token_created", "ats", VIEWER)]


def test_a_token_is_made_by_one_button(staff_client: Client) -> None:
    buttons = soup(staff_client.get(f"{TOKENS}add/")).select(".submit-row [type=submit]")
    assert [button["value"] for button in buttons] == ["Save"]


def test_a_token_may_not_more_than_who_makes_it(lesser: Client) -> None:
    assert options(lesser.get(f"{TOKENS}add/"), "role") == [VIEWER]
    lesser.post(f"{TOKENS}add/", {"name": "ats", "role": ADMINISTRATOR})
    assert ApiToken.objects.count() == 0


def test_a_name_is_given_once(staff_client: Client) -> None:
    api_tokens.create("ats", VIEWER, by="recruiter")
    response = staff_client.post(f"{TOKENS}add/", {"name": "ats", "role": VIEWER})
    assert "This name is taken. Choose another." in response.content.decode()
    assert ApiToken.objects.count() == 1


def test_a_token_is_revoked_after_a_question(staff_client: Client) -> None:
    token, text = api_tokens.create("ats", VIEWER, by="recruiter")
    data = {"action": "revoke", "_selected_action": [token.pk]}
    assert "can't be undone" in staff_client.post(TOKENS, data).content.decode()
    assert api_tokens.actor_of_token(text) is not None
    staff_client.post(TOKENS, data | {"post": "yes"})
    assert api_tokens.actor_of_token(text) is None
    assert audited() == [("token_revoked", "ats", "")]


def test_a_token_is_not_changed_or_deleted(staff_client: Client) -> None:
    token, _ = api_tokens.create("ats", VIEWER, by="recruiter")
    change = f"{TOKENS}{token.pk}/change/"
    assert staff_client.post(change, {"name": "x", "role": ADMINISTRATOR}).status_code == 403
    assert staff_client.post(change.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert ApiToken.objects.get().role == VIEWER


def test_the_audit_trail_is_read_and_not_changed(staff_client: Client) -> None:
    entry = AuditEntry.objects.create(actor="ada", what="ended", via="page", target="=1+1")
    assert "stopped it" in staff_client.get(f"{AUDIT}?q=ada&via=page").content.decode()
    change = f"{AUDIT}{entry.pk}/change/"
    assert staff_client.get(change).status_code == 200
    for address in (change, change.replace("change", "delete"), f"{AUDIT}add/"):
        assert staff_client.post(address, {"actor": "x", "post": "yes"}).status_code == 403, address
    data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    staff_client.post(AUDIT, data)
    assert AuditEntry.objects.get().actor == "ada"


def test_an_entry_says_when_and_what_in_words(staff_client: Client) -> None:
    entry = AuditEntry.objects.create(actor="ada", what="saw_credentials", via="page")
    page = soup(staff_client.get(f"{AUDIT}{entry.pk}/change/"))
    shown = {
        name: page.select_one(f".field-{name} .readonly").get_text(strip=True)
        for name in ("at", "done")
    }
    assert shown == {"at": f"{entry.at:%-d %b %Y, %H:%M}", "done": "saw the password"}
    margin = soup(staff_client.get(AUDIT)).select_one("#changelist-filter").get_text()
    assert ("saw the password" in margin, "saw_credentials" in margin) == (True, False)


def test_what_administrators_are_told_is_for_them_alone(
    staff_client: Client, settings: Any
) -> None:
    settings.MAIL_IS_ON, settings.ADMINS = True, [("", "admin@example.com")]
    outbox.notify_administrators("A webhook was switched off", "It failed for 3 days.")
    page = f"{MESSAGES}{Message.objects.get().pk}/change/"
    assert "It failed for 3 days." in soup(staff_client.get(page)).get_text()
    assert len(soup(staff_client.get(MESSAGES)).select("#result_list tbody tr")) == 1
    viewer = Client()
    viewer.force_login(member("viewer", VIEWER))
    assert soup(viewer.get(MESSAGES)).select("#result_list tbody tr") == []
    assert viewer.get(page).status_code == 302

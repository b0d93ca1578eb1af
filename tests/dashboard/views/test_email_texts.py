"""The pages *Email texts*: saved, refused, previewed, and edited by two at once."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission as Stored
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import ADMINISTRATOR, ROLES, Permission
from operations.audit.models import AuditEntry
from operations.mail.texts.kinds import KINDS
from operations.mail.texts.models import EmailText
from tests.dashboard.html import soup, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tables")]

PATH = "/email-texts/test-invitation/en/"
BODY = "Hi {name}: {link} until {deadline}"


def shown(page: Any) -> dict[str, str]:
    """The fields of the form, as a browser would send them."""
    form = soup(page).select_one("#email-text")
    return {
        "subject": form.select_one("[name=subject]")["value"],
        "body": form.select_one("[name=body]").get_text().removeprefix("\n"),
        "version": form.select_one("[name=version]").get("value", ""),
    }


def test_list_says_which_are_edited(staff_client: Client) -> None:
    EmailText.objects.create(key="test-invitation", language="de", subject="Hallo {name}")
    rows = soup(staff_client.get("/email-texts/")).select(".email-texts li")
    assert len(rows) == len(KINDS)
    edited = [text_of(row.select_one(".name")) for row in rows if row.select(".email-edited")]
    assert edited == ["Invitation to a test"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@pytest.mark.parametrize("language", ["en", "de"])
def test_standard_text_is_shown_with_its_preview(
    staff_client: Client, kind: Any, language: str
) -> None:
    page = staff_client.get(f"/email-texts/{kind.key}/{language}/")
    values = shown(page)
    assert values["subject"] != ""
    hello = {"en": "Hello", "de": "Guten Tag"}[language]
    assert values["body"].startswith(f"{hello} {{name}},")
    preview = soup(page).select_one("#email-text-preview .email-text").get_text()
    assert preview.startswith(f"{hello} Ada Lovelace,")
    assert staff_client.post(page.wsgi_request.path, values).status_code == 302
    assert not EmailText.objects.exists()


def test_what_is_saved_is_shown_and_said(staff_client: Client) -> None:
    values = shown(staff_client.get(PATH)) | {"body": BODY.replace(": ", ":\r\n")}
    page = staff_client.post(PATH, values, follow=True)
    assert "Text saved." in page.content.decode()
    assert shown(page)["body"] == BODY.replace(": ", ":\n")
    row = EmailText.objects.get()
    assert (row.key, row.language, row.subject) == ("test-invitation", "en", "")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.target) == (
        "recruiter",
        "email_text_changed",
        "test-invitation (en)",
    )
    assert "- Hello {name}," in entry.detail
    assert "+ Hi {name}:" in entry.detail


def test_error_is_at_its_field_and_nothing_is_lost(staff_client: Client) -> None:
    values = {"subject": "Hi {nmae}", "body": "Hi {name}", "version": ""}
    page = staff_client.post(PATH, values)
    assert page.status_code == 422
    errors = {
        each: text_of(soup(page).select_one(f"#id_{each}_error"))
        for each in values
        if each != "version"
    }
    assert "{nmae}" in errors["subject"]
    assert "{link}, {deadline}" in errors["body"]
    assert shown(page) == values
    assert not EmailText.objects.exists()


def test_preview_shows_the_email_or_what_is_wrong_and_saves_nothing(staff_client: Client) -> None:
    values = {"subject": "For {name}", "body": BODY}
    page = soup(staff_client.post(f"{PATH}preview/", values))
    assert "Hi Ada Lovelace: /take-home/" in page.select_one(".email-text").get_text()
    assert text_of(page.select_one(".email-head dd")) == "For Ada Lovelace"
    page = soup(staff_client.post(f"{PATH}preview/", values | {"body": "{name}"}))
    assert [text_of(each).split(":")[0] for each in page.select(".email-reasons li")] == ["Text"]
    assert not EmailText.objects.exists()


def test_second_of_two_keeps_the_text_and_sees_the_other(staff_client: Client) -> None:
    mine = shown(staff_client.get(PATH)) | {"subject": "Mine", "body": BODY}
    staff_client.post(PATH, {**mine, "subject": "Theirs"})
    page = staff_client.post(PATH, mine)
    assert page.status_code == 409
    assert "Somebody else changed this text" in soup(page).select_one(".message-bad").get_text()
    section = soup(page).select_one(".email-editor section")
    assert "Theirs" in section.get_text()
    assert section.select(".email-reasons") == []
    assert text_of(section.select_one(".email-head dd")) == "Mine"
    assert EmailText.objects.get().subject == "Theirs"
    again = shown(page)
    assert (again["subject"], again["body"]) == ("Mine", BODY)
    assert staff_client.post(PATH, again).status_code == 302
    assert EmailText.objects.get().subject == "Mine"


def test_standard_text_can_be_used_again(staff_client: Client) -> None:
    assert soup(staff_client.get(PATH)).select("#email-reset") == []
    EmailText.objects.create(key="test-invitation", language="en", subject="Hi")
    page = soup(staff_client.get(PATH))
    form = page.select_one("#email-reset-form")
    version = form.select_one("[name=version]")["value"]
    conflict = staff_client.post(form["action"], {"version": "of before"})
    assert conflict.status_code == 409
    assert text_of(soup(conflict).select_one(".message-bad")) == (
        "Somebody else changed this text. Look at it, then reset again."
    )
    assert shown(conflict) == shown(staff_client.get(PATH))
    assert soup(conflict).select(".email-reasons") == []
    assert soup(conflict).select_one("#email-reset-form [name=version]")["value"] == version
    page = staff_client.post(form["action"], {"version": version}, follow=True)
    assert shown(page)["subject"] == "Your take-home test: {test}"
    assert not EmailText.objects.exists()


@pytest.mark.parametrize("path", ["none/en", "test-invitation/fr", "test-invitation/EN"])
def test_unknown_kind_or_language_is_not_found(staff_client: Client, path: str) -> None:
    assert staff_client.get(f"/email-texts/{path}/").status_code == 404


def test_only_administrators_have_its_permission_which_is_enough(client: Client) -> None:
    holders = {role for role, granted in ROLES.items() if Permission.EDIT_EMAIL_TEXTS in granted}
    assert holders == {ADMINISTRATOR}
    editor = User.objects.create_user("editor", is_staff=True)
    client.force_login(editor)
    assert client.get(PATH).status_code == 403
    codes = [Permission.VIEW, Permission.EDIT_EMAIL_TEXTS]
    editor.user_permissions.add(*Stored.objects.filter(codename__in=codes))
    page = soup(client.get(PATH))
    assert page.select_one("#email-text") is not None
    assert page.select_one(".nav-menu [href='/email-texts/']") is not None

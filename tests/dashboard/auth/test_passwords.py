"""The link to set a password: it works once, for people who may sign in."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from dashboard.people import actions
from dashboard.people.actions import PersonInput
from dashboard.permissions.roles import VIEWER
from operations.audit.models import AuditEntry
from operations.mail import sender
from operations.mail.models import Message
from takehome_platform.observability.logging_config import hide_secrets
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "a good one 5", "new_password2": "a good one 5"}


@pytest.fixture
def person(staff: User) -> User:
    return actions.invite_person(staff, PersonInput("Grace", "grace@example.com", VIEWER))


def open_link(client: Client, link: str) -> Any:
    return client.get(link, follow=True)


def set_password(client: Client, link: str, form: dict[str, str] = NEW) -> Any:
    page = open_link(client, link)
    return client.post(page.redirect_chain[-1][0], form)


def test_a_link_sets_the_password_and_signs_in_once(
    client: Client, staff: User, person: User
) -> None:
    link = actions.make_password_link(staff, person)
    answer = set_password(client, link)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(person.pk)
    person.refresh_from_db()
    assert person.check_password("a good one 5")
    assert "no longer works" in open_link(Client(), link).content.decode()
    rows = AuditEntry.objects.order_by("pk").values_list("actor", "what")
    assert list(rows) == [("grace@example.com", "password_set"), ("grace@example.com", "signed_in")]


def test_the_page_keeps_the_token_out_of_its_address(
    client: Client, staff: User, person: User
) -> None:
    link = actions.make_password_link(staff, person)
    page = open_link(client, link)
    token = link.split("/")[-2]
    assert token not in page.redirect_chain[-1][0]
    assert token not in page.content.decode()
    assert "grace@example.com" in soup(page, 200).text


def test_a_bad_password_is_refused_by_name(client: Client, staff: User, person: User) -> None:
    link = actions.make_password_link(staff, person)
    page = set_password(client, link, dict.fromkeys(NEW, "short"))
    assert soup(page, 200).select_one(".field-error") is not None
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_a_newer_invitation_replaces_the_one_before(
    client: Client, staff: User, person: User
) -> None:
    first = actions.make_password_link(staff, person)
    second = actions.make_password_link(staff, person)
    assert "no longer works" in open_link(client, first).content.decode()
    assert set_password(client, second).status_code == 302


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_a_link_is_worth_nothing_to_who_may_not_sign_in(
    client: Client, staff: User, person: User, field: str
) -> None:
    link = actions.make_password_link(staff, person)
    User.objects.filter(pk=person.pk).update(**{field: False})
    assert "no longer works" in open_link(client, link).content.decode()


def test_a_link_expires_after_three_days(client: Client, staff: User, person: User) -> None:
    link = actions.make_password_link(staff, person)
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert "no longer works" in open_link(client, link).content.decode()


def test_a_made_up_link_is_refused(client: Client, person: User) -> None:
    for link in (f"/password/MQ/{'a' * 39}/", "/password/none/x-y/", "/password/MQ/set-password/"):
        assert "no longer works" in open_link(client, link).content.decode()


def test_the_email_has_a_link_that_works_and_is_not_stored(
    client: Client, staff: User, person: User, settings: Any
) -> None:
    settings.MAIL_IS_ON, settings.SITE_URL = True, "https://tests.example.com"
    actions.email_password_link(staff, person)
    message = Message.objects.get()
    sender.send_message(message.pk)
    (email,) = mail.outbox
    assert email.to == ["grace@example.com"]
    (link,) = (line.strip() for line in email.body.splitlines() if "/password/" in line)
    assert link.startswith("https://tests.example.com/password/")
    assert link in email.alternatives[0].content
    message.refresh_from_db()
    assert "/password/" not in str(vars(message))
    path = link.removeprefix("https://tests.example.com")
    assert set_password(client, path).status_code == 302


def test_the_email_is_in_the_language_of_the_server(
    staff: User, person: User, settings: Any
) -> None:
    settings.MAIL_IS_ON = True
    actions.email_password_link(staff, person)
    with translation.override("de"):
        sender.send_message(Message.objects.get().pk)
    assert "Set your password on this page:" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"is_active": False}, "deactivated"), ({"email": "other@example.com"}, "address")],
)
def test_an_email_that_is_no_longer_due_is_left_out(
    staff: User, person: User, settings: Any, changes: dict[str, Any], reason: str
) -> None:
    settings.MAIL_IS_ON = True
    actions.email_password_link(staff, person)
    User.objects.filter(pk=person.pk).update(**changes)
    sender.send_message(Message.objects.get().pk)
    message = Message.objects.get()
    assert message.state == "skipped"
    assert reason in message.error
    assert mail.outbox == []


def test_the_link_is_in_no_log(staff: User, person: User) -> None:
    link = actions.make_password_link(staff, person)
    line = hide_secrets(None, "info", {"event": "request", "path": link})
    assert link.split("/")[-2] not in str(line)
    assert str(line["path"]).startswith("/password/")

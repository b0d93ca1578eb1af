"""Turning it on and off, and resetting it: the audit log and an e-mail have it, and no secret."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import translation

from dashboard.models import LastSeen
from dashboard.permissions.roles import ADMINISTRATOR
from dashboard.second_factor import actions, devices
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import sender
from operations.mail.models import Message, MessageStatus
from tests.conftest import member
from tests.dashboard.people.test_actions import lesser_manager
from tests.second_factor import code_of, turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(settings: Any, staff: User) -> User:
    settings.MAIL_IS_ON, settings.SITE_URL = True, "https://tests.example.com"
    person = member("grace", ADMINISTRATOR)
    person.first_name, person.email = "Grace", "grace@example.com"
    person.save()
    return person


def send_all() -> list[str]:
    for message in Message.objects.filter(state=MessageStatus.QUEUED):
        sender.send_message(message.pk)
    return [str(each.subject) for each in mail.outbox]


def test_each_change_is_audited_and_told_without_a_secret(person: User) -> None:
    with acting_as(Origin("grace", Channel.PAGE)):
        device = devices.start_set_up(person)
        codes = actions.turn_on(person, code_of(person), keep=None)
        codes += actions.renew_recovery_codes(person, codes[0])
        actions.turn_off(person, codes[10])
    rows = AuditEntry.objects.order_by("pk").values_list("what", "target")
    assert list(rows) == [
        ("second_factor_on", "grace"),
        ("recovery_codes_renewed", "grace"),
        ("second_factor_off", "grace"),
    ]
    assert send_all() == [
        "Two-step sign-in was turned off",
        "New recovery codes were created",
        "Two-step sign-in was turned on",
    ]
    written = str([vars(each) for each in [*AuditEntry.objects.all(), *Message.objects.all()]])
    written += "".join(each.body + str(each.alternatives[0].content) for each in mail.outbox)
    for secret in [device.key, devices.key_text(device), *codes]:
        assert secret not in written
        assert secret.replace(" ", "").replace("-", "") not in written


def test_the_email_says_what_to_do_and_leads_to_the_profile(person: User) -> None:
    turn_on(person)
    actions.turn_off(person, code_of(person))
    send_all()
    body = mail.outbox[0].body
    assert body.startswith("Hello Grace,\n\nTwo-step sign-in was turned off.\n")
    assert "If this wasn't you, change your password" in body
    assert "https://tests.example.com/profile/" in body
    assert "It was done by" not in body


def test_the_email_is_in_the_language_of_the_person(person: User) -> None:
    turn_on(person)
    with translation.override("de"):
        actions.turn_off(person, code_of(person))
    with translation.override("en"):
        send_all()
    assert "Guten Tag Grace" in mail.outbox[0].body


def test_a_reset_is_told_in_the_language_that_the_person_uses(staff: User, person: User) -> None:
    staff.first_name = "Ada"
    staff.save()
    client = Client()
    client.force_login(person)
    client.get("/profile/", headers={"accept-language": "de"})
    assert LastSeen.objects.get(user=person).language == "de"
    turn_on(person)
    actions.reset(staff, person)
    send_all()
    assert "Guten Tag Grace" in mail.outbox[0].body
    assert "Ada" in mail.outbox[0].body


def test_without_an_address_nobody_is_told(person: User) -> None:
    User.objects.filter(pk=person.pk).update(email="")
    person.refresh_from_db()
    turn_on(person)
    actions.turn_off(person, code_of(person))
    assert Message.objects.count() == 0


def test_turning_it_on_ends_the_other_sessions(person: User) -> None:
    here, other = Client(), Client()
    for client in (here, other):
        client.force_login(person)
    devices.start_set_up(person)
    actions.turn_on(person, code_of(person), keep=here.session.session_key)
    assert here.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302


@pytest.mark.parametrize("action", [actions.turn_off, actions.renew_recovery_codes])
def test_a_wrong_code_changes_nothing(person: User, action: Any) -> None:
    turn_on(person)
    with pytest.raises(InvalidInputError) as refused:
        action(person, "000-wrong")
    assert refused.value.field == "code"
    assert devices.is_on(person)
    assert devices.recovery_codes_left(person) == 10
    assert Message.objects.count() == 0


def test_a_reset_signs_the_person_out(staff: User, person: User) -> None:
    turn_on(person)
    client = Client()
    client.force_login(person)
    with acting_as(Origin("recruiter", Channel.PAGE)):
        actions.reset(staff, person)
    assert not devices.is_on(person)
    assert client.get("/profile/").status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.target) == ("recruiter", "second_factor_reset", "grace")


def test_nobody_resets_it_for_who_may_do_more(person: User) -> None:
    turn_on(person)
    with pytest.raises(WrongStateError, match="more permissions"):
        actions.reset(lesser_manager(), person)
    assert devices.is_on(person)


def test_ones_own_is_turned_off_with_a_code_and_not_reset(person: User) -> None:
    turn_on(person)
    with pytest.raises(WrongStateError, match="on your profile"):
        actions.reset(person, person)
    assert devices.is_on(person)


def test_there_must_be_something_to_reset(staff: User, person: User) -> None:
    with pytest.raises(WrongStateError, match="doesn't use"):
        actions.reset(staff, person)


def test_the_command_resets_it(person: User) -> None:
    turn_on(person)
    out = StringIO()
    call_command("reset_second_factor", "grace", stdout=out)
    assert out.getvalue() == "grace now signs in with the password alone.\n"
    assert not devices.is_on(person)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.via, entry.target) == ("manage.py", "command", "grace")
    assert send_all() == ["Two-step sign-in was reset"]


def test_the_command_names_what_is_wrong(person: User) -> None:
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("reset_second_factor", "nobody")
    with pytest.raises(CommandError, match="'grace' doesn't use"):
        call_command("reset_second_factor", "grace")


def test_whoever_changes_the_address_does_not_keep_the_email_from_its_owner(person: User) -> None:
    devices.start_set_up(person)
    codes = actions.turn_on(person, code_of(person), keep=None)
    actions.turn_off(person, codes[0])
    User.objects.filter(pk=person.pk).update(email="else@example.com", is_active=False)
    send_all()
    assert [each.to for each in mail.outbox] == [["grace@example.com"]] * 2


@pytest.mark.django_db(transaction=True)
def test_the_email_is_queued_with_the_change_or_not_at_all(
    person: User, enqueued: list[tuple[str, str]]
) -> None:
    devices.start_set_up(person)
    with transaction.atomic():
        actions.turn_on(person, code_of(person), keep=None)
        assert enqueued == []
        transaction.set_rollback(True)
    assert (devices.is_on(person), Message.objects.count(), enqueued) == (False, 0, [])


def test_a_recovery_code_that_signs_in_is_told_at_once(person: User) -> None:
    devices.start_set_up(person)
    codes = actions.turn_on(person, code_of(person), keep=None)
    origin = Origin("grace", Channel.PAGE)
    assert actions.use_code(person, codes[0], origin) is devices.CodeKind.RECOVERY
    assert actions.use_code(person, codes[0], origin) is None
    assert send_all()[0] == "A recovery code was used to sign in"

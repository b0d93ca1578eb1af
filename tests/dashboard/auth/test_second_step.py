"""The code after the password: nobody is signed in before it, by whichever way they came."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from dashboard.people import actions as people
from dashboard.permissions.roles import ADMINISTRATOR
from dashboard.second_factor import actions, devices
from operations import rate_limit
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.auth.test_login import PASSWORD, sign_in
from tests.dashboard.html import soup
from tests.second_factor import code_of, turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits of this test alone, in this process."""
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)


@pytest.fixture
def codes(staff: User) -> list[str]:
    return turn_on(staff)


def give(client: Client, code: str, **rest: Any) -> Any:
    return client.post("/login/code/", {"code": code}, **rest)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_code_signs_in_and_leads_to_the_page_that_was_wanted(
    client: Client, staff: User, codes: list[str]
) -> None:
    answer = sign_in(client, "recruiter", PASSWORD, next="/ended/?cursor=abc")
    assert (answer.status_code, answer["Location"]) == (302, "/login/code/")
    assert not is_signed_in(client)
    page = soup(client.get("/login/code/"), 200)
    assert "recruiter" in page.select_one("main").text
    answer = give(client, code_of(staff))
    assert (answer.status_code, answer["Location"]) == (302, "/ended/?cursor=abc")
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert [each.what for each in AuditEntry.objects.all()] == ["signed_in"]


def test_another_site_is_not_what_was_wanted(client: Client, staff: User, codes: list[str]) -> None:
    sign_in(client, "recruiter", PASSWORD, next="https://evil.example/")
    assert give(client, code_of(staff))["Location"] == "/"


def test_a_recovery_code_signs_in_and_is_noted(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    page = soup(client.get("/login/code/?recovery=1"), 200)
    assert page.select_one("label").text == "Recovery code"
    assert give(client, codes[0]).status_code == 302
    assert is_signed_in(client)
    assert {each.what for each in AuditEntry.objects.all()} == {"signed_in", "recovery_code_used"}


def test_a_wrong_code_is_said_at_its_field_and_audited(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    page = soup(give(client, "wrong"), 422)
    assert "isn't right" in page.select_one("#id_code_error").text
    assert soup(give(client, ""), 422).select_one("#id_code_error").text == "Enter the code."
    assert not is_signed_in(client)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.what, entry.detail) == (
        "recruiter",
        "sign_in_failed",
        "second step",
    )


def test_without_the_password_there_is_no_page_for_the_code(
    client: Client, staff: User, codes: list[str]
) -> None:
    for answer in (client.get("/login/code/"), give(client, code_of(staff))):
        assert (answer.status_code, answer["Location"]) == (302, "/login/?next=")
    assert not is_signed_in(client)


def test_the_code_of_somebody_else_is_refused(
    client: Client, staff: User, codes: list[str]
) -> None:
    other = member("other", ADMINISTRATOR)
    others = turn_on(other)
    sign_in(client, "recruiter", PASSWORD)
    assert give(client, code_of(other)).status_code == 422
    assert give(client, others[0]).status_code == 422


def test_the_admins_sign_in_asks_as_well(client: Client, staff: User, codes: list[str]) -> None:
    form = {"username": "recruiter", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", form)["Location"] == "/login/code/"
    assert client.get("/admin/").status_code == 302
    assert give(client, code_of(staff))["Location"] == "/admin/"


def test_a_password_link_asks_as_well(client: Client, staff: User, codes: list[str]) -> None:
    boss = User.objects.create_superuser("boss")
    page = client.get(people.make_password_link(boss, staff), follow=True)
    new = dict.fromkeys(("new_password1", "new_password2"), "a good one 5")
    answer = client.post(page.redirect_chain[-1][0], new)
    assert answer["Location"] == "/login/code/"
    assert not is_signed_in(client)
    assert client.get("/").status_code == 302
    assert give(client, code_of(staff))["Location"] == "/"
    assert is_signed_in(client)


def test_the_password_is_forgotten_after_ten_minutes(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD, next="/ended/")
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert give(client, code_of(staff))["Location"] == "/login/?next=%2Fended%2F"
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", ["password", "is_active", "is_staff", "reset"])
def test_what_changed_since_the_password_ends_the_sign_in(
    client: Client, staff: User, codes: list[str], change: str
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    code = code_of(staff)
    if change == "reset":
        devices.remove(staff)
    elif change == "password":
        staff.set_password("a good one 5")
        staff.save()
    else:
        User.objects.filter(pk=staff.pk).update(**{change: False})
    assert give(client, code).status_code == 302
    assert not is_signed_in(client)


def test_codes_of_one_account_wait_after_five_whatever_the_address(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    for last in range(5):
        assert give(client, "wrong", REMOTE_ADDR=f"192.0.2.{last}").status_code == 422
    answer = give(client, code_of(staff), REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert f"Try again in {answer['Retry-After']} second" in answer.text
    assert not is_signed_in(client)


def test_codes_of_many_accounts_from_one_address_wait_after_twenty(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    for _ in range(19):
        rate_limit.record_attempt("sign-in-address", "127.0.0.1", 20)
    assert give(client, code_of(staff)).status_code == 429


def test_twenty_wrong_codes_in_an_hour_are_enough_until_the_password_changes(
    client: Client, staff: User, codes: list[str]
) -> None:
    sign_in(client, "recruiter", PASSWORD)
    now = timezone.now()
    for number in range(4):
        with time_machine.travel(now + timedelta(minutes=2 * number)):
            for last in range(5):
                give(client, "wrong", REMOTE_ADDR=f"192.0.2.{last}")
    with time_machine.travel(now + timedelta(minutes=9), tick=False):
        answer = give(client, code_of(staff))
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 60
        staff.set_password("a good one 5")
        staff.save()
        sign_in(client, "recruiter", "a good one 5")
        assert give(client, code_of(staff)).status_code == 302
        assert is_signed_in(client)


def test_signing_in_often_is_no_guessing(client: Client, staff: User, codes: list[str]) -> None:
    for code in codes[:8]:
        sign_in(client, "recruiter", PASSWORD)
        assert give(client, code).status_code == 302
        client.logout()


def test_the_session_is_a_new_one_at_each_step(
    client: Client, staff: User, codes: list[str]
) -> None:
    planted = client.session
    planted["left"] = "behind"
    planted.save()
    client.cookies["sessionid"] = str(planted.session_key)
    sign_in(client, "recruiter", PASSWORD)
    half = client.session.session_key
    assert half != planted.session_key
    assert "left" not in client.session
    give(client, code_of(staff))
    assert client.session.session_key != half
    assert Session.objects.count() == 1


def test_the_code_needs_the_csrf_token(staff: User, codes: list[str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/login/code/", {"code": "123456"}).status_code == 403


def test_a_session_of_before_stays_signed_in(client: Client, staff: User) -> None:
    sign_in(client, "recruiter", PASSWORD)
    devices.start_set_up(staff)
    actions.turn_on(staff, code_of(staff), keep=client.session.session_key)
    assert client.get("/").status_code == 200

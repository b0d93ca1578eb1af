"""/login/ and /logout/."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.auth import attempts
from dashboard.forms.login import SignInForm
from operations import rate_limit

PASSWORD = "a good one 4"


@pytest.fixture(autouse=True)
def _fresh_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits of this test alone, in this process."""
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)


def sign_in(client: Client, username: str, password: str, **rest: str):
    return client.post("/login/", {"username": username, "password": password, **rest})


def test_staff_signs_in_and_is_led_to_the_dashboard(client: Client, staff: User) -> None:
    response = sign_in(client, "recruiter", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(staff.pk)


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/ended/?cursor=abc", "/ended/?cursor=abc"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example", "/"),
        ("ended", "/"),
        ("-1", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_to_our_own_addresses_only(
    client: Client, staff: User, wanted: str, location: str
) -> None:
    assert sign_in(client, "recruiter", PASSWORD, next=wanted)["Location"] == location


def test_who_is_signed_in_is_led_on(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/login/?next=/ended/")["Location"] == "/ended/"


def test_wrong_password_and_unknown_user_are_answered_alike(client: Client, staff: User) -> None:
    wrong = sign_in(client, "recruiter", "wrong")
    unknown = sign_in(client, "recruiter2", "wrong")
    assert wrong.status_code == unknown.status_code == 422

    def page(response) -> str:
        text: str = response.content.decode().replace("recruiter2", "recruiter")
        return text.replace(str(response.context["csrf_token"]), "")

    assert page(wrong) == page(unknown)
    assert "Incorrect username or password" in page(wrong)


def test_deactivated_staff_is_answered_like_a_wrong_password(client: Client, staff: User) -> None:
    staff.is_active = False
    staff.save()
    response = sign_in(client, "recruiter", PASSWORD)
    assert response.status_code == 422
    assert "Incorrect username or password" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_outsider_is_told_that_it_is_for_staff_and_not_signed_in(
    client: Client, outsider: User
) -> None:
    response = sign_in(client, "outsider", PASSWORD)
    assert response.status_code == 422
    assert "This account isn&#x27;t for staff." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_outsider_with_a_wrong_password_is_not_told_that(client: Client, outsider: User) -> None:
    assert "for staff." not in sign_in(client, "outsider", "wrong").content.decode()


def test_sixth_guess_in_a_minute_waits_even_with_the_right_password(
    client: Client, staff: User
) -> None:
    assert [sign_in(client, "recruiter", "wrong").status_code for _ in range(5)] == [422] * 5
    response = sign_in(client, "recruiter", PASSWORD)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert f"Try again in {response['Retry-After']} second" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_spelling_of_the_user_name_does_not_give_more_guesses(client: Client, staff: User) -> None:
    names = ["recruiter", "Recruiter", " recruiter", "RECRUITER ", "ｒecruiteⓡ"]
    assert [sign_in(client, name, "wrong").status_code for name in names] == [422] * 5
    assert sign_in(client, "recruiter", PASSWORD).status_code == 429


def test_addresses_of_one_customer_count_as_one(client: Client, staff: User) -> None:
    def guess(last: int, password: str) -> int:
        fields = {"username": "recruiter", "password": password}
        return client.post("/login/", fields, REMOTE_ADDR=f"2001:db8:1:2::{last}").status_code

    assert [guess(last, "wrong") for last in range(1, 6)] == [422] * 5
    assert guess(6, PASSWORD) == 429


def test_guesses_that_come_at_once_are_counted_before_they_are_looked_at(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int | None] = []
    whole = SignInForm.is_valid

    def is_valid(form: SignInForm) -> bool:
        seen.append(attempts.record_sign_in("recruiter", "127.0.0.1"))
        return whole(form)

    monkeypatch.setattr(SignInForm, "is_valid", is_valid)
    for _ in range(2):
        sign_in(client, "recruiter", "wrong")
    # Each attempt was counted before its password was checked: two and two make four.
    assert seen == [None, None]
    assert sign_in(client, "recruiter", "wrong").status_code == 422
    assert sign_in(client, "recruiter", PASSWORD).status_code == 429


def test_signing_in_often_is_no_guessing(client: Client, staff: User) -> None:
    for _ in range(8):
        assert sign_in(client, "recruiter", PASSWORD).status_code == 302
        client.logout()


def test_admins_own_sign_in_is_the_same_door(client: Client, staff: User) -> None:
    fields = {"username": "recruiter", "password": "wrong"}
    assert [client.post("/admin/login/", fields).status_code for _ in range(6)] == [422] * 5 + [429]
    assert sign_in(client, "recruiter", PASSWORD).status_code == 429


def test_guesses_at_one_user_do_not_lock_out_another(client: Client, staff: User) -> None:
    for _ in range(5):
        sign_in(client, "somebody", "wrong")
    assert sign_in(client, "recruiter", PASSWORD).status_code == 302


def test_guesses_from_one_address_do_not_lock_out_another(client: Client, staff: User) -> None:
    for _ in range(5):
        sign_in(client, "recruiter", "wrong")
    response = client.post(
        "/login/", {"username": "recruiter", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7"
    )
    assert response.status_code == 302


def test_twenty_guesses_at_many_users_from_one_address_wait(client: Client, staff: User) -> None:
    for number in range(20):
        assert sign_in(client, f"user{number}", "wrong").status_code == 422
    assert sign_in(client, "recruiter", PASSWORD).status_code == 429


def test_sign_in_needs_the_csrf_token(staff: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, "recruiter", PASSWORD).status_code == 403


def test_sign_out(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_sign_out_is_not_a_link(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/logout/").status_code == 405
    assert "_auth_user_id" in client.session


def guess(client: Client, number: int, password: str = "wrong") -> int:
    """Try the account from another address each time."""
    form = {"username": "recruiter", "password": password}
    return client.post("/login/", form, REMOTE_ADDR=f"198.51.100.{number}").status_code


def test_guesses_at_one_account_from_many_addresses_wait_after_twenty(
    client: Client, staff: User
) -> None:
    assert [guess(client, number) for number in range(20)] == [422] * 20
    assert guess(client, 20, PASSWORD) == 429
    assert sign_in(client, "somebody", "wrong").status_code == 422


def test_who_signed_in_from_their_address_before_is_not_locked_out_by_others(
    client: Client, staff: User
) -> None:
    assert sign_in(client, "recruiter", PASSWORD).status_code == 302
    client.logout()
    for number in range(25):
        guess(client, number)
    assert sign_in(client, " recruiter", PASSWORD).status_code == 302


def test_an_address_is_forgotten_after_sixty_days(client: Client, staff: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=61)):
        sign_in(client, "recruiter", PASSWORD)
        client.logout()
    for number in range(20):
        guess(client, number)
    assert sign_in(client, "recruiter", PASSWORD).status_code == 429


def test_an_account_is_open_again_after_a_quarter_of_an_hour(client: Client, staff: User) -> None:
    for number in range(20):
        guess(client, number)
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=2)):
        assert guess(client, 30, PASSWORD) == 302

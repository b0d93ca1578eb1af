"""A session that somebody else knows is worth nothing before the sign-in, and nothing after it."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from interviews.models import Interview

PASSWORD = "a good one 4"
COOKIE = "sessionid"

pytestmark = pytest.mark.django_db


def sign_in(client: Client) -> str:
    answer = client.post("/login/", {"username": "recruiter", "password": PASSWORD})
    assert answer.status_code == 302
    return client.cookies[COOKIE].value


@pytest.fixture
def planted(client: Client) -> str:
    """A session of the platform's that an attacker opened, in the victim's browser."""
    session = client.session
    session["sso_next"] = "/planted/"
    session.save()
    assert session.session_key is not None
    client.cookies[COOKIE] = session.session_key
    return session.session_key


def test_session_id_changes_at_sign_in(client: Client, staff: User, planted: str) -> None:
    assert sign_in(client) != planted
    assert not Session.objects.filter(pk=planted).exists()
    attacker = Client()
    attacker.cookies[COOKIE] = planted
    assert attacker.get("/").status_code == 302


def test_made_up_session_id_is_not_taken_over(client: Client, staff: User) -> None:
    client.cookies[COOKIE] = "a" * 32
    assert sign_in(client) != "a" * 32


def test_another_users_sign_in_takes_nothing_over(client: Client, staff: User) -> None:
    """Of the session of whoever used this browser before."""
    other = User.objects.create_user("other", password=PASSWORD)
    client.force_login(other)
    session = client.session
    session["left"] = "behind"
    session.save()
    sign_in(client)
    assert "left" not in client.session


def test_session_is_gone_at_sign_out(client: Client, staff: User) -> None:
    key = sign_in(client)
    client.post("/logout/")
    assert Session.objects.count() == 0
    thief = Client()
    thief.cookies[COOKIE] = key
    assert thief.get("/").status_code == 302


def test_csrf_token_changes_at_sign_in(client: Client, staff: User) -> None:
    client.get("/login/")
    before = client.cookies["csrftoken"].value
    sign_in(client)
    assert client.cookies["csrftoken"].value != before


def test_new_password_ends_the_other_sessions(client: Client, staff: User) -> None:
    key = sign_in(client)
    staff.set_password("another one 5")
    staff.save()
    thief = Client()
    thief.cookies[COOKIE] = key
    assert thief.get("/").status_code == 302


def test_session_cookie_is_for_no_script_and_no_other_site(client: Client, staff: User) -> None:
    sign_in(client)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["domain"] == ""


def test_candidates_have_no_session(take_home: Interview) -> None:
    """So theirs cannot be fixed, and cannot become one of staff."""
    candidate = Client()
    candidate.get(f"/take-home/{take_home.passcode}/")
    assert COOKIE not in candidate.cookies
    assert Session.objects.count() == 0

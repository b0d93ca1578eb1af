"""REQUIRE_SECOND_FACTOR: whom it keeps out, and of what; everybody else is as before."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.models import SingleSignOn
from dashboard.permissions import sse
from dashboard.permissions.roles import VIEWER
from dashboard.second_factor.requirement import BY_PROVIDER, must_set_up
from interviews.models import Interview
from operations.sse.consumer import Audience, StreamDenied
from tests.conftest import fresh
from tests.dashboard.auth.test_login import PASSWORD, sign_in
from tests.dashboard.html import soup
from tests.second_factor import turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def test_without_the_setting_nobody_has_to(staff: User, settings: Any) -> None:
    assert must_set_up(staff, {}) is True
    settings.REQUIRE_SECOND_FACTOR = False
    assert must_set_up(staff, {}) is False


def test_who_has_one_is_let_in(client: Client, staff: User) -> None:
    turn_on(staff)
    client.force_login(staff)
    assert client.get("/profile/").status_code == 200


def test_a_page_leads_to_the_set_up_and_back(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/ended/?a=b")["Location"] == "/profile/two-step/?next=%2Fended%2F%3Fa%3Db"
    referer = {"Referer": "http://testserver/tokens/"}
    answer = client.post("/tokens/create/", {"name": "ats"}, headers=referer)
    assert answer["Location"] == "/profile/two-step/?next=%2Ftokens%2F"
    assert client.get("/login/?next=/ended/")["Location"] == "/profile/two-step/?next=%2Fended%2F"


def test_a_fragment_leads_its_page_there(client: Client, staff: User) -> None:
    client.force_login(staff)
    answer = client.get(
        "/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/live/"}
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (
        403,
        "/profile/two-step/?next=%2Flive%2F",
    )


def test_the_way_there_shows_no_page_that_stays_closed(client: Client, staff: User) -> None:
    client.force_login(staff)
    page = soup(client.get("/profile/two-step/?next=/ended/"), 200)
    assert "Your team requires two-step sign-in." in page.text
    assert {form["action"] for form in page.select("form")} == {"/logout/", "/profile/two-step/"}
    assert [link["href"] for link in page.select("header a, main a")] == []
    client.post("/logout/")
    assert "_auth_user_id" not in client.session


def test_the_api_says_so_with_a_code(client: Client, staff: User) -> None:
    client.force_login(staff)
    answer = client.get("/api/interviews")
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": "second_factor_required",
        "message": "Set up two-step sign-in first, on your profile.",
    }


def test_the_api_starts_no_test(client: Client, staff: User, take_home: Interview) -> None:
    client.force_login(staff)
    assert client.post(f"/api/interviews/{take_home.id}/activate").status_code == 400
    assert fresh(take_home).status == "available"


def test_a_token_is_not_affected(client: Client, staff: User) -> None:
    _, text = api_tokens.create("ats", VIEWER, by="recruiter")
    headers = {"Authorization": f"Bearer {text}"}
    client.force_login(staff)
    assert client.get("/api/interviews", headers=headers).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_the_event_stream_says_so_with_a_code(transactional_db: None) -> None:
    user = await User.objects.acreate(username="root", is_staff=True, is_superuser=True)
    user.set_password(PASSWORD)
    with pytest.raises(StreamDenied) as denied:
        await sse.audience({"user": user, "session": {}})
    assert (denied.value.status, denied.value.code) == (403, "second_factor_required")
    heard = await sse.audience({"user": user, "session": {BY_PROVIDER: True}})
    assert heard == Audience(None, username="root")


def test_single_sign_on_is_exempt_for_who_has_no_password(client: Client, staff: User) -> None:
    """Whatever their session says: it may be of before an upgrade."""
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=staff)
    staff.set_unusable_password()
    staff.save()
    client.force_login(staff)
    assert client.get("/profile/").status_code == 200


def test_single_sign_on_is_exempt_for_that_sign_in_alone(client: Client, staff: User) -> None:
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=staff)
    client.force_login(staff)
    session = client.session
    session[BY_PROVIDER] = True
    session.save()
    assert client.get("/profile/").status_code == 200
    client.post("/logout/")
    assert sign_in(client, "recruiter", PASSWORD)["Location"].startswith("/profile/two-step/")
    assert client.get("/profile/").status_code == 302


def test_a_password_is_no_single_sign_on_whatever_was_in_the_session(
    client: Client, staff: User
) -> None:
    session = client.session
    session[BY_PROVIDER] = True
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    assert sign_in(client, "recruiter", PASSWORD)["Location"].startswith("/profile/two-step/")
    assert client.get("/profile/").status_code == 302


def test_outsiders_are_outsiders(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    assert client.get("/").status_code == 403

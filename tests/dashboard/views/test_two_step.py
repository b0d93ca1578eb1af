"""Two-step sign-in on the own profile."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.models import SingleSignOn
from dashboard.permissions.roles import VIEWER
from dashboard.second_factor import devices
from operations import rate_limit
from operations.audit.models import AuditEntry
from tests.authenticator import code_for_text
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.second_factor import code_of, turn_on

pytestmark = pytest.mark.django_db

PASSWORD = "a good one 4"
PAGE = "/profile/two-step/"


@pytest.fixture(autouse=True)
def _fresh_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits of this test alone, in this process."""
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)


@pytest.fixture
def viewer(client: Client) -> User:
    person = member("grace", VIEWER)
    client.force_login(person)
    return person


def begin(client: Client, **form: str) -> Any:
    return client.post(PAGE, {"password": PASSWORD, **form})


def test_it_is_turned_on_with_the_password_and_a_code(client: Client, viewer: User) -> None:
    other = Client()
    other.force_login(viewer)
    assert (
        "Off."
        in soup(client.get("/profile/"), 200).select_one("[aria-labelledby=two-step-title]").text
    )
    assert begin(client)["Location"] == f"{PAGE}set-up/"
    page = soup(client.get(f"{PAGE}set-up/"), 200)
    key = page.select_one("#key").text
    assert page.select_one(".qr-code svg") is not None
    assert soup(client.get(f"{PAGE}set-up/"), 200).select_one("#key").text == key
    page = soup(client.post(f"{PAGE}set-up/", {"code": code_for_text(key)}), 201)
    codes = [item.text for item in page.select("#codes li")]
    assert len(codes) == 10
    assert devices.use_code(viewer, codes[3]) is devices.CodeKind.RECOVERY
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302
    assert [each.what for each in AuditEntry.objects.all()] == ["second_factor_on"]


def test_the_key_is_on_no_other_page_and_goes_with_its_time(client: Client, viewer: User) -> None:
    begin(client)
    key = soup(client.get(f"{PAGE}set-up/"), 200).select_one("#key").text
    assert key not in client.get("/profile/").text
    assert client.get(f"{PAGE}set-up/")["Cache-Control"] == "no-store"
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert client.get(f"{PAGE}set-up/")["Location"] == PAGE
    other = Client()
    other.force_login(viewer)
    assert other.get(f"{PAGE}set-up/")["Location"] == PAGE
    assert other.post(f"{PAGE}set-up/", {"code": code_for_text(key)})["Location"] == PAGE
    client.post(f"{PAGE}set-up/", {"code": code_for_text(key)})
    assert client.get(f"{PAGE}set-up/")["Location"] == PAGE
    assert key not in client.get(PAGE).text


def test_a_wrong_first_code_keeps_the_key(client: Client, viewer: User) -> None:
    begin(client)
    key = soup(client.get(f"{PAGE}set-up/"), 200).select_one("#key").text
    page = soup(client.post(f"{PAGE}set-up/", {"code": "wrong"}), 422)
    assert "isn't right" in page.select_one("#id_code_error").text
    assert page.select_one("#key").text == key
    assert not devices.is_on(viewer)


def test_a_wrong_password_shows_no_key(client: Client, viewer: User) -> None:
    page = soup(begin(client, password="wrong"), 422)
    assert page.select_one("#id_password_error").text == "This isn't your password."
    assert client.get(f"{PAGE}set-up/")["Location"] == PAGE
    assert devices.in_set_up(viewer) is None


def test_where_the_person_wanted_to_go_is_kept_to_the_end(client: Client, viewer: User) -> None:
    answer = begin(client, next="/ended/")
    assert answer["Location"] == f"{PAGE}set-up/?next=%2Fended%2F"
    page = soup(client.get(answer["Location"]), 200)
    form = {"code": code_for_text(page.select_one("#key").text)}
    form["next"] = page.select_one("[name=next]")["value"]
    page = soup(client.post(answer["Location"], form), 201)
    assert page.select_one(".dialog-actions a")["href"] == "/ended/"


def test_another_site_is_not_where_they_wanted_to_go(client: Client, viewer: User) -> None:
    assert begin(client, next="https://evil.example/")["Location"] == f"{PAGE}set-up/?next=%2F"


def test_new_codes_and_the_end_take_password_and_code(client: Client, viewer: User) -> None:
    codes = turn_on(viewer)
    form = {"password": PASSWORD, "code": codes[0]}
    for verb in ("codes", "off"):
        page = soup(client.post(f"{PAGE}{verb}/", form | {"password": "wrong"}), 422)
        assert page.select_one(f"#{verb}_password_error") is not None
        page = soup(client.post(f"{PAGE}{verb}/", form | {"code": "wrong"}), 422)
        assert "isn't right" in page.select_one(f"#{verb}_code_error").text
    page = soup(client.post(f"{PAGE}codes/", form), 201)
    new = [item.text for item in page.select("#codes li")]
    assert "10 recovery codes left" in text_of(soup(client.get(PAGE), 200))
    assert client.post(f"{PAGE}off/", form).status_code == 422
    assert client.post(f"{PAGE}off/", form | {"code": new[0]})["Location"] == "/profile/"
    assert not devices.is_on(viewer)
    assert "Two-step sign-in is off." in client.get("/profile/").text


def test_where_it_is_required_it_is_not_said_to_be_off_once_it_is_on_again(
    client: Client, viewer: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    form = {"password": PASSWORD, "code": turn_on(viewer)[0]}
    client.post(f"{PAGE}off/", form)
    assert not devices.is_on(viewer)
    turn_on(viewer)
    page = client.get("/profile/")
    assert page.status_code == 200
    assert "Two-step sign-in is off." not in page.text


def test_the_codes_can_be_kept_without_scripts(client: Client, viewer: User) -> None:
    codes = turn_on(viewer)
    page = soup(client.post(f"{PAGE}codes/", {"password": PASSWORD, "code": codes[0]}), 201)
    href = page.select_one("a[download]")["href"]
    assert href.startswith("data:text/plain")
    assert all(item.text in href for item in page.select("#codes li"))


@pytest.mark.parametrize("verb", ["", "codes/", "off/"])
def test_the_password_is_tried_five_times_in_a_minute(
    client: Client, viewer: User, verb: str
) -> None:
    if verb:
        turn_on(viewer)
    form = {"password": "wrong", "code": "wrong"}
    assert [client.post(PAGE + verb, form).status_code for _ in range(5)] == [422] * 5
    answer = client.post(PAGE + verb, form | {"password": PASSWORD})
    assert answer.status_code == 429
    assert f"Try again in {answer['Retry-After']} second" in answer.text


def test_codes_are_tried_as_often_as_at_the_sign_in(client: Client, viewer: User) -> None:
    codes = turn_on(viewer)
    form = {"password": PASSWORD, "code": "wrong"}
    assert [client.post(f"{PAGE}off/", form).status_code for _ in range(5)] == [422] * 5
    answer = client.post(f"{PAGE}off/", form | {"code": codes[0]})
    assert answer.status_code == 429
    assert devices.is_on(viewer)


def test_who_has_no_password_is_told_that_the_provider_does_it(
    client: Client, viewer: User
) -> None:
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=viewer)
    viewer.set_unusable_password()
    viewer.save()
    client.force_login(viewer)
    for page in ("/profile/", PAGE):
        assert "provider takes care of the second step" in client.get(page).text
    page = soup(begin(client, password=""), 200)
    assert page.select_one("[name=password]") is None
    assert devices.in_set_up(viewer) is None


def test_it_is_not_begun_twice(client: Client, viewer: User) -> None:
    turn_on(viewer)
    code = code_of(viewer)
    assert begin(client).status_code == 200
    assert devices.use_code(viewer, code) is devices.CodeKind.APP

"""The own profile: name, email, language, time zone, password and sessions."""

from typing import Any, cast

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client

from dashboard.models import Profile, SingleSignOn
from dashboard.permissions.roles import VIEWER
from operations import rate_limit
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db

LANGUAGE = django_settings.LANGUAGE_COOKIE_NAME


@pytest.fixture
def viewer(client: Client) -> User:
    person = member("grace", VIEWER)
    client.force_login(person)
    return person


def save(client: Client, **form: str) -> Any:
    wanted = {"name": "Grace Hopper", "email": "grace@example.com", "language": ""}
    return client.post("/profile/", {"time_zone": "", **wanted, **form})


def test_name_and_email_are_saved(client: Client, viewer: User) -> None:
    assert save(client).status_code == 302
    viewer.refresh_from_db()
    assert viewer.get_full_name() == "Grace Hopper"
    assert viewer.email == "grace@example.com"
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.detail) == ("profile_changed", "first name, last name, email")
    page = soup(client.get("/profile/"), 200)
    assert page.select_one("[name=name]")["value"] == "Grace Hopper"


def test_a_name_that_stays_is_not_divided_anew(client: Client, viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(first_name="Ludwig", last_name="van Beethoven")
    save(client, name="Ludwig van Beethoven")
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.last_name) == ("Ludwig", "van Beethoven")
    assert AuditEntry.objects.get().detail == "email"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "grace"}, "email"),
        ({"email": "TAKEN@example.com"}, "email"),
        ({"language": "xx"}, "language"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_saved(
    client: Client, viewer: User, form: dict[str, str], field: str
) -> None:
    User.objects.create_user("other", "taken@example.com")
    page = soup(save(client, **form), 422)
    assert page.select_one(f"#id_{field}_error") is not None
    viewer.refresh_from_db()
    assert (viewer.first_name, viewer.email) == ("", "")
    assert not Profile.objects.exists()


def test_the_address_of_single_sign_on_stays(client: Client, viewer: User) -> None:
    User.objects.filter(pk=viewer.pk).update(email="from-sso@example.com")
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=viewer)
    save(client, email="other@example.com")
    viewer.refresh_from_db()
    assert (viewer.email, viewer.first_name) == ("from-sso@example.com", "Grace")


def test_the_language_is_kept_by_the_browser_until_it_is_taken_back(
    client: Client, viewer: User
) -> None:
    answer = save(client, language="de")
    assert answer.cookies[LANGUAGE].value == "de"
    assert client.get("/profile/", headers={"accept-language": "en"})["Content-Language"] == "de"
    save(client, language="")
    assert client.get("/profile/", headers={"accept-language": "en"})["Content-Language"] == "en"


def test_every_page_says_the_own_time_zone_until_it_is_taken_back(
    client: Client, viewer: User
) -> None:
    def zone_of(path: str) -> str | None:
        return cast("str | None", soup(client.get(path), 200).html.get("data-own-time-zone"))

    assert zone_of("/profile/") is None
    save(client, time_zone="kathmandu")
    assert zone_of("/profile/") == zone_of("/profile/two-step/") == "Asia/Kathmandu"
    assert soup(client.get("/profile/"), 200).select_one("[name=time_zone]")["value"] == (
        "Asia/Kathmandu"
    )
    assert "time zone" in AuditEntry.objects.latest("pk").detail
    entries = AuditEntry.objects.count()
    save(client, time_zone="Asia/Kathmandu")
    assert AuditEntry.objects.count() == entries
    save(client, time_zone=" ")
    assert zone_of("/profile/") is None


def test_a_new_password_ends_the_other_sessions_and_not_this_one(
    client: Client, viewer: User
) -> None:
    other = Client()
    other.force_login(viewer)
    form = {"old_password": "a good one 4"}
    form |= dict.fromkeys(("new_password1", "new_password2"), "another one 5")
    assert client.post("/profile/password/", form).status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password("another one 5")
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302
    assert AuditEntry.objects.get().what == "password_set"


def test_a_wrong_old_password_changes_nothing(client: Client, viewer: User) -> None:
    form = {"old_password": "wrong"}
    form |= dict.fromkeys(("new_password1", "new_password2"), "another one 5")
    page = soup(client.post("/profile/password/", form), 422)
    assert page.select_one("#id_old_password_error") is not None
    viewer.refresh_from_db()
    assert viewer.check_password("a good one 4")


def test_other_sessions_end_at_a_click(client: Client, viewer: User) -> None:
    other = Client()
    other.force_login(viewer)
    client.post("/profile/end-sessions/")
    assert client.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302


def test_without_a_password_there_is_none_to_change(client: Client, viewer: User) -> None:
    viewer.set_unusable_password()
    viewer.save()
    client.force_login(viewer)
    assert soup(client.get("/profile/"), 200).select_one("[name=old_password]") is None


def test_the_old_password_is_tried_five_times_in_a_minute(
    client: Client, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)
    form = dict.fromkeys(("old_password", "new_password1", "new_password2"), "another one 5")
    codes = [client.post("/profile/password/", form).status_code for _ in range(5)]
    assert codes == [422] * 5
    answer = client.post("/profile/password/", form | {"old_password": "a good one 4"})
    page = soup(answer, 429)
    wait = answer["Retry-After"]
    assert f"Try again in {wait} second" in page.select_one("#id_old_password_error").text
    viewer.refresh_from_db()
    assert viewer.check_password("a good one 4")

"""The page People: the list, an invitation, and what each button does."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.models import SingleSignOn
from dashboard.permissions.roles import ADMINISTRATOR, VIEWER
from dashboard.second_factor import devices
from operations.audit.models import AuditEntry
from operations.mail.models import Message
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.second_factor import turn_on

pytestmark = pytest.mark.django_db

NEW = {"name": "Grace Hopper", "email": "grace@example.com", "role": VIEWER}


def rows(client: Client) -> dict[str, str]:
    page = soup(client.get("/people/"), 200)
    return {
        row.select_one(".name").get_text(): text_of(row) for row in page.select(".people tbody tr")
    }


@pytest.fixture
def colleague(staff: User) -> User:
    person = member("colleague", ADMINISTRATOR)
    person.email = "colleague@example.com"
    person.save()
    return person


def test_each_member_is_listed_with_role_and_sign_in(
    staff_client: Client, colleague: User, outsider: User
) -> None:
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=colleague)
    User.objects.create_user("gone", is_staff=True, is_active=False)
    found = rows(staff_client)
    assert list(found) == ["colleague", "recruiter", "gone"]
    assert "Administrator Password and single sign-on" in found["colleague"]
    assert "recruiter · you" in found["recruiter"]
    assert "Deactivated" in found["gone"]


def test_the_list_needs_as_many_queries_for_ten_people(
    staff_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        member(f"person-{number}", VIEWER)
    with django_assert_max_num_queries(20):
        staff_client.get("/people/")


def test_without_email_the_link_is_shown_once(staff_client: Client) -> None:
    page = staff_client.post("/people/invite/", NEW)
    link = soup(page, 201).select_one("#link").get_text()
    assert link.startswith("http://testserver/password/")
    assert "Invited" in rows(staff_client)["Grace Hopper"]
    assert Message.objects.count() == 0
    assert link not in "".join(str(vars(entry)) for entry in AuditEntry.objects.all())


def test_with_email_the_link_is_sent_and_not_shown(
    staff_client: Client, settings: Any, enqueued: list[tuple[str, str]]
) -> None:
    settings.MAIL_IS_ON = True
    page = staff_client.post("/people/invite/", {**NEW, "send_email": "on"}, follow=True)
    message = Message.objects.get()
    assert (message.kind, message.to) == ("access", "grace@example.com")
    assert len(enqueued) == 1
    assert "We've emailed a link to grace@example.com." in soup(page, 200).text
    assert "/password/" not in page.content.decode()


def test_an_invitation_that_is_wrong_keeps_what_was_entered(staff_client: Client) -> None:
    page = soup(staff_client.post("/people/invite/", {**NEW, "email": "grace"}), 422)
    assert "Enter an email address" in page.select_one("#invite_email_error").text
    assert page.select_one("[name=name]")["value"] == "Grace Hopper"
    assert not User.objects.filter(first_name="Grace").exists()


def test_a_click_says_what_was_done(staff_client: Client, colleague: User) -> None:
    address = f"/people/{colleague.pk}/"
    for verb, form, said in (
        ("role", {"role": VIEWER}, "Role changed."),
        ("end-sessions", {}, "Sessions ended."),
        ("deactivate", {}, "Account deactivated."),
        ("reactivate", {}, "Account reactivated."),
    ):
        page = staff_client.post(f"{address}{verb}/", form, follow=True)
        assert said in soup(page, 200).select_one(".message-good").text


def test_a_refusal_is_said_on_the_page(staff_client: Client, staff: User) -> None:
    page = soup(staff_client.post(f"/people/{staff.pk}/role/", {"role": VIEWER}), 409)
    assert "last administrator" in page.select_one("[role=alert]").text
    page = soup(staff_client.post(f"/people/{staff.pk}/deactivate/"), 409)
    assert "your own account" in page.select_one("[role=alert]").text


def test_ones_own_sessions_end_but_for_this_one(staff_client: Client, staff: User) -> None:
    other = Client()
    other.force_login(staff)
    staff_client.post(f"/people/{staff.pk}/end-sessions/")
    assert staff_client.get("/people/").status_code == 200
    assert other.get("/people/").status_code == 302


def test_the_page_offers_only_what_can_be_done(
    staff_client: Client, staff: User, colleague: User, settings: Any
) -> None:
    def actions_of(person: User) -> set[str]:
        page = soup(staff_client.get(f"/people/{person.pk}/"), 200)
        forms = page.select("main form")
        return {form["action"].split("/")[-2] for form in forms}

    assert actions_of(colleague) == {"role", "link", "end-sessions", "deactivate"}
    assert actions_of(staff) == {"role", "link", "end-sessions"}
    assert actions_of(User.objects.create_superuser("root")) == set()
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=colleague)
    settings.OIDC_ROLE_CLAIM = "roles"
    assert "role" not in actions_of(colleague)
    colleague.is_active = False
    colleague.save()
    assert actions_of(colleague) == {"reactivate"}


def test_the_list_says_who_uses_two_step_sign_in(
    staff_client: Client, colleague: User, settings: Any
) -> None:
    by_provider = User.objects.create_user("grace", is_staff=True)
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=by_provider)
    turn_on(colleague)
    devices.start_set_up(User.objects.get(username="recruiter"))
    page = soup(staff_client.get("/people/"), 200)
    cells = page.select("[data-label='Two-step sign-in']")
    assert dict(zip(rows(staff_client), map(text_of, cells), strict=True)) == {
        "colleague": "On",
        "grace": "By single sign-on",
        "recruiter": "Off",
    }
    assert page.select(".people .badge-error") == []


def test_who_has_to_set_it_up_stands_out(client: Client, colleague: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    turn_on(colleague)
    client.force_login(colleague)
    page = soup(client.get("/people/"), 200)
    assert [text_of(badge) for badge in page.select(".people .badge-error")] == ["Off"]


def test_two_step_sign_in_is_reset_after_a_question(
    staff_client: Client, staff: User, colleague: User
) -> None:
    address = f"/people/{colleague.pk}/"
    assert soup(staff_client.get(address), 200).select_one("dialog#reset-two-step") is None
    turn_on(colleague)
    turn_on(staff)
    page = soup(staff_client.get(address), 200)
    assert page.select_one("[data-opens=reset-two-step]") is not None
    assert page.select_one("dialog#reset-two-step form")["action"] == f"{address}reset-two-step/"
    own = soup(staff_client.get(f"/people/{staff.pk}/"), 200)
    assert own.select_one("dialog#reset-two-step") is None
    page = soup(staff_client.post(f"{address}reset-two-step/", follow=True), 200)
    assert "Two-step sign-in reset." in page.select_one(".message-good").text
    assert not devices.is_on(colleague)
    page = soup(staff_client.post(f"{address}reset-two-step/"), 409)
    assert "doesn't use two-step sign-in" in page.select_one("[role=alert]").text


def test_who_is_not_there_is_not_found(staff_client: Client, outsider: User) -> None:
    for address in (f"/people/{outsider.pk}/", "/people/987654/", f"/people/{2**70}/"):
        assert staff_client.get(address).status_code == 404

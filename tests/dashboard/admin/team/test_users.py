"""Users and roles in the admin."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.auth.models import Permission as DjangoPermission
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.permissions.roles import (
    ADMINISTRATOR,
    INTERVIEWER,
    ROLES,
    TITLES,
    VIEWER,
    Permission,
)
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.admin.team.pages import AUDIT, MESSAGES, TOKENS, audited, options
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db
USERS = "/admin/auth/user/"
GROUPS = "/admin/auth/group/"
WEBHOOKS = "/admin/operations/webhook/"
FORBIDDEN = (USERS, GROUPS, TOKENS, AUDIT, WEBHOOKS)


def group(name: str) -> Group:
    return Group.objects.get(name=name)


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password="a good one 4")


NEW = {
    "username": "grace",
    "email": "grace@example.com",
    "usable_password": "true",
    "password1": "a good one 4",
    "password2": "a good one 4",
    "is_staff": "on",
}


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_lesser_roles_see_none_of_it(client: Client, role: str) -> None:
    client.force_login(member("somebody", role))
    for address in FORBIDDEN:
        refused = client.get(address)
        assert refused.status_code == 403, address
        assert "You're signed in as somebody" in refused.content.decode()
        assert client.post(f"{address}add/", NEW).status_code == 403, address
    listed = [a["href"] for a in soup(client.get("/admin/")).select("#content-main th a")]
    assert set(FORBIDDEN) & set(listed) == set()


def test_an_administrator_sees_all_of_it(staff_client: Client) -> None:
    listed = [a["href"] for a in soup(staff_client.get("/admin/")).select("#content-main th a")]
    assert set(FORBIDDEN) - set(listed) == set()
    for address in FORBIDDEN:
        assert staff_client.get(address).status_code == 200, address


def test_outsiders_are_led_to_the_sign_in(client: Client, outsider: User) -> None:
    client.force_login(outsider)
    for address in FORBIDDEN:
        assert client.get(address).status_code == 302, address


def test_an_administrator_makes_a_colleague_of_a_role(staff_client: Client) -> None:
    response = staff_client.post(f"{USERS}add/", NEW | {"groups": [group(VIEWER).pk]})
    assert response.status_code == 302
    person = User.objects.get(username="grace")
    assert (person.is_staff, person.is_superuser) == (True, False)
    assert [each.name for each in person.groups.all()] == [VIEWER]
    assert person.check_password("a good one 4")
    assert audited() == [("role_changed", "grace", "Viewer: given"), ("user_added", "grace", "")]
    assert {entry.actor for entry in AuditEntry.objects.all()} == {"recruiter"}
    assert "a good one 4" not in str(LogEntry.objects.values()) + str(AuditEntry.objects.values())


def test_a_role_is_changed_and_written_down(staff_client: Client) -> None:
    person = member("grace", VIEWER)
    staff_client.post(
        f"{USERS}{person.pk}/change/",
        {
            "username": "grace",
            "is_active": "on",
            "is_staff": "on",
            "groups": [group(INTERVIEWER).pk],
            "date_joined_0": "2030-01-01",
            "date_joined_1": "10:00",
        },
    )
    assert [each.name for each in person.groups.all()] == [INTERVIEWER]
    changes = [(what, detail) for what, _, detail in audited() if what == "role_changed"]
    assert sorted(changes) == [
        ("role_changed", "Interviewer: given"),
        ("role_changed", "Viewer: taken"),
    ]


def test_who_was_renamed_or_switched_off_is_written_down(staff_client: Client) -> None:
    person = member("grace", VIEWER)
    fields = {"username": "edith", "is_staff": "on", "groups": [group(VIEWER).pk]}
    assert staff_client.post(f"{USERS}{person.pk}/change/", fields).status_code == 302
    said = "Changed Username (grace to edith) and Active (yes to no)."
    assert audited() == [("user_changed", "edith", said)]


def test_when_somebody_came_is_not_for_people_to_say(staff_client: Client) -> None:
    person = member("grace", VIEWER)
    before = User.objects.get(pk=person.pk).date_joined
    fields = {"username": "grace", "is_active": "on", "is_staff": "on"}
    fields |= {"date_joined_0": "2001-01-01", "date_joined_1": "10:00"}
    assert staff_client.post(f"{USERS}{person.pk}/change/", fields).status_code == 302
    assert User.objects.get(pk=person.pk).date_joined == before


def test_nobody_but_a_superuser_makes_one(staff_client: Client, client: Client, root: User) -> None:
    person = member("grace", VIEWER)
    for address in (f"{USERS}add/", f"{USERS}{person.pk}/change/"):
        assert soup(staff_client.get(address)).select("[name=is_superuser]") == []
    staff_client.post(f"{USERS}add/", NEW | {"username": "edith", "is_superuser": "on"})
    staff_client.post(
        f"{USERS}{person.pk}/change/",
        {
            "username": "grace",
            "is_active": "on",
            "is_superuser": "on",
            "user_permissions": [DjangoPermission.objects.first().pk],
            "date_joined_0": "2030-01-01",
            "date_joined_1": "10:00",
        },
    )
    assert list(User.objects.filter(is_superuser=True)) == [root]
    assert person.user_permissions.count() == 0
    client.force_login(root)
    assert soup(client.get(f"{USERS}{person.pk}/change/")).select("[name=is_superuser]")


def test_a_superuser_is_touched_by_superusers_alone(staff_client: Client, root: User) -> None:
    before = root.password
    for address in ("change/", "password/", "delete/"):
        data = {"password1": "mine now 55", "password2": "mine now 55", "username": "x"}
        assert staff_client.post(f"{USERS}{root.pk}/{address}", data).status_code == 403, address
    root.refresh_from_db()
    assert root.password == before


@pytest.mark.parametrize("active", [True, False])
def test_who_may_more_is_not_touched_by_who_may_less(
    lesser: Client, staff: User, active: bool
) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=active)
    before = staff.password
    data = {"password1": "mine now 55", "password2": "mine now 55"}
    assert lesser.post(f"{USERS}{staff.pk}/password/", data).status_code == 403
    assert lesser.post(f"{USERS}{staff.pk}/change/", {"username": "x"}).status_code == 403
    staff.refresh_from_db()
    assert (staff.password, staff.username) == (before, "recruiter")


def test_only_roles_that_one_has_are_given(lesser: Client, staff: User) -> None:
    assert options(lesser.get(f"{USERS}add/"), "groups") == [VIEWER]
    response = lesser.post(f"{USERS}add/", NEW | {"groups": [group(ADMINISTRATOR).pk]})
    assert response.status_code == 200
    assert not User.objects.filter(username="grace").exists()


def test_who_may_not_reset_a_password_sees_nothing_of_it(staff_client: Client, root: User) -> None:
    page = soup(staff_client.get(f"{USERS}{root.pk}/change/"))
    assert "root" in page.get_text()
    assert "Reset password" not in page.get_text()
    salt = root.password.split("$")[2]
    assert salt[:6] not in page.get_text()


def test_people_have_roles_whether_they_may_be_changed_or_not(
    staff_client: Client, root: User
) -> None:
    for person in (root, member("grace", VIEWER)):
        page = soup(staff_client.get(f"{USERS}{person.pk}/change/"))
        assert page.select_one(".field-groups label").get_text(strip=True) == "Roles:"
        assert "to the dashboard" in page.select_one(".field-is_staff").get_text()


def test_people_are_deactivated_and_not_deleted(staff_client: Client) -> None:
    person = member("grace", VIEWER)
    assert staff_client.post(f"{USERS}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    assert options(staff_client.get(USERS), "action") == []


def test_the_three_roles_stay_what_they_are(staff_client: Client) -> None:
    for role in ROLES:
        address = f"{GROUPS}{group(role).pk}/"
        assert staff_client.get(f"{address}change/").status_code == 200
        assert staff_client.post(f"{address}change/", {"name": "x"}).status_code == 403
        assert staff_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [group(VIEWER).pk], "post": "yes"}
    staff_client.post(GROUPS, data)
    assert {each.name for each in Group.objects.all()} == set(ROLES)


def test_a_role_says_what_it_gives(staff_client: Client) -> None:
    page = soup(staff_client.get(f"{GROUPS}{group(VIEWER).pk}/change/"))
    (gives,) = page.select(".field-gives .readonly")
    assert gives.get_text(strip=True) == TITLES[Permission.VIEW]


def test_another_role_is_made_of_what_one_has(lesser: Client) -> None:
    offered = options(lesser.get(f"{GROUPS}add/"), "permissions")
    assert len(offered) == 2
    own = DjangoPermission.objects.get(codename=Permission.VIEW.value)
    more = DjangoPermission.objects.get(codename=Permission.SEE_CREDENTIALS.value)
    lesser.post(f"{GROUPS}add/", {"name": "Too much", "permissions": [own.pk, more.pk]})
    lesser.post(f"{GROUPS}add/", {"name": "Guests", "permissions": [own.pk]})
    assert not Group.objects.filter(name="Too much").exists()
    assert list(group("Guests").permissions.all()) == [own]
    assert audited() == [("group_added", "Guests", "")]


def test_a_role_of_more_is_not_changed_by_who_may_less(lesser: Client) -> None:
    more = Group.objects.create(name="More")
    more.permissions.add(DjangoPermission.objects.get(codename=Permission.DELETE.value))
    assert lesser.post(f"{GROUPS}{more.pk}/change/", {"name": "Mine"}).status_code == 403


def test_no_page_has_a_style_or_a_script_of_its_own(staff_client: Client, staff: User) -> None:
    token, _ = api_tokens.create("ats", VIEWER, by="recruiter")
    pages = [*FORBIDDEN, f"{USERS}add/", f"{USERS}{staff.pk}/change/", f"{GROUPS}add/"]
    pages += [f"{USERS}{staff.pk}/password/", f"{TOKENS}add/", f"{TOKENS}{token.pk}/change/"]
    for address in [*pages, MESSAGES, "/admin/operations/batch/"]:
        page = soup(staff_client.get(address))
        assert page.select("style, [style], script:not([src])") == [], address
        assert page.select_one(".site-header .brand"), address
        assert not re.search(r"Django", page.get_text()), address


@pytest.mark.parametrize("lost", ["is_active", "is_staff", "groups"])
def test_the_last_administrator_stays_one(staff_client: Client, staff: User, lost: str) -> None:
    form = {
        "username": "recruiter",
        "is_active": "on",
        "is_staff": "on",
        "groups": group(ADMINISTRATOR).pk,
    }
    del form[lost]
    page = soup(staff_client.post(f"{USERS}{staff.pk}/change/", form), 200)
    assert "last administrator" in page.select_one(".errorlist").get_text()
    member("other", ADMINISTRATOR)
    assert staff_client.post(f"{USERS}{staff.pk}/change/", form).status_code == 302


def test_no_page_shows_a_hash(staff_client: Client, root: User, staff: User) -> None:
    for person in (root, staff):
        body = staff_client.get(f"{USERS}{person.pk}/change/").content.decode()
        assert person.username in body
        assert person.password not in body

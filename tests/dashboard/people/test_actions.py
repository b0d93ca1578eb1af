"""Inviting people, changing their roles, and keeping them out."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection
from django.test import Client

from dashboard.models import SingleSignOn
from dashboard.people import actions, rules
from dashboard.people.actions import PersonInput
from dashboard.people.profile import change_profile
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, VIEWER, Permission
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.exceptions import InvalidInputError, WrongStateError
from tests.conftest import member

pytestmark = pytest.mark.django_db

GRACE = PersonInput("Grace Brewster Hopper", "Grace@example.com", INTERVIEWER)


@pytest.fixture
def colleague(staff: User) -> User:
    return member("colleague", ADMINISTRATOR)


def lesser_manager() -> User:
    """Somebody who may manage people, and little else."""
    person = member("lesser", VIEWER)
    person.user_permissions.add(DjangoPermission.objects.get(codename=Permission.ADMINISTER.value))
    return User.objects.get(pk=person.pk)


def test_who_is_invited_has_a_role_and_no_password(staff: User) -> None:
    person = actions.invite_person(staff, GRACE)
    assert (person.username, person.email) == ("grace@example.com", "Grace@example.com")
    assert (person.first_name, person.last_name) == ("Grace Brewster", "Hopper")
    assert person.is_staff
    assert not person.has_usable_password()
    assert [group.name for group in person.groups.all()] == [INTERVIEWER]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (PersonInput("", "grace@example.com", VIEWER), "name"),
        (PersonInput("x" * 151, "grace@example.com", VIEWER), "name"),
        (PersonInput("Grace", "grace", VIEWER), "email"),
        (PersonInput("Grace", "recruiter@example.com", VIEWER), "email"),
        (PersonInput("Grace", "RECRUITER@example.com", VIEWER), "email"),
        (PersonInput("Grace", "grace@example.com", "King"), "role"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_created(
    staff: User, wanted: PersonInput, field: str
) -> None:
    User.objects.filter(pk=staff.pk).update(email="recruiter@example.com")
    with pytest.raises(InvalidInputError) as refused:
        actions.invite_person(staff, wanted)
    assert refused.value.field == field
    assert User.objects.count() == 1


def test_a_manager_grants_only_what_they_may_do() -> None:
    manager = lesser_manager()
    assert rules.grantable_roles(manager) == [VIEWER]
    with pytest.raises(InvalidInputError):
        actions.invite_person(manager, GRACE)


@pytest.mark.parametrize(
    "act",
    [
        lambda manager, person: actions.change_role(manager, person, VIEWER),
        actions.deactivate_person,
        actions.reactivate_person,
        actions.end_sessions,
        actions.make_password_link,
        actions.email_password_link,
    ],
)
@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("is_superuser", [True, False])
def test_nobody_changes_who_may_do_more(
    colleague: User, settings: Any, act: Any, is_active: bool, is_superuser: bool
) -> None:
    settings.MAIL_IS_ON = True
    colleague.email, colleague.is_active = "colleague@example.com", is_active
    colleague.is_superuser = is_superuser
    colleague.save()
    if is_superuser:
        colleague.groups.clear()
    with pytest.raises(WrongStateError, match="more permissions"):
        act(lesser_manager(), colleague)


def test_a_superuser_is_changed_by_superusers_alone(staff: User) -> None:
    root = User.objects.create_superuser("root")
    with pytest.raises(WrongStateError, match="more permissions"):
        actions.deactivate_person(staff, root)
    actions.deactivate_person(User.objects.create_superuser("other-root"), root)
    root.refresh_from_db()
    assert not root.is_active


def test_a_role_is_replaced_and_other_groups_stay(staff: User, colleague: User) -> None:
    colleague.groups.add(Group.objects.create(name="Chess club"))
    actions.change_role(staff, colleague, VIEWER)
    assert {group.name for group in colleague.groups.all()} == {VIEWER, "Chess club"}


def test_a_role_from_single_sign_on_is_not_changed_here(
    staff: User, colleague: User, settings: Any
) -> None:
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=colleague)
    settings.OIDC_ROLE_CLAIM = "roles"
    with pytest.raises(WrongStateError, match="Single sign-on"):
        actions.change_role(staff, colleague, VIEWER)
    settings.OIDC_ROLE_CLAIM = ""
    actions.change_role(staff, colleague, VIEWER)


def test_the_last_administrator_keeps_the_role(staff: User) -> None:
    with pytest.raises(WrongStateError, match="last administrator"):
        actions.change_role(staff, staff, VIEWER)
    assert [group.name for group in staff.groups.all()] == [ADMINISTRATOR]


def test_one_of_two_administrators_may_give_the_role_up(staff: User, colleague: User) -> None:
    actions.change_role(staff, staff, VIEWER)
    assert [group.name for group in staff.groups.all()] == [VIEWER]


def test_who_cannot_sign_in_is_no_other_administrator(staff: User, colleague: User) -> None:
    actions.deactivate_person(staff, colleague)
    with pytest.raises(WrongStateError, match="last administrator"):
        actions.change_role(staff, staff, VIEWER)


def test_the_last_administrator_is_not_deactivated() -> None:
    """Not even by somebody whose right to manage people comes another way and is not theirs now."""
    last = member("last", ADMINISTRATOR)
    root = User.objects.create_superuser("root")
    User.objects.filter(pk=root.pk).update(is_active=False)
    with pytest.raises(WrongStateError, match="last administrator"):
        actions.deactivate_person(root, last)


def test_a_group_of_its_own_can_make_an_administrator(staff: User) -> None:
    keepers = Group.objects.create(name="Keepers")
    keepers.permissions.add(DjangoPermission.objects.get(codename=Permission.ADMINISTER.value))
    staff.groups.add(keepers)
    actions.change_role(staff, staff, VIEWER)
    assert {group.name for group in staff.groups.all()} == {VIEWER, "Keepers"}


def test_nobody_deactivates_themself(staff: User, colleague: User) -> None:
    with pytest.raises(WrongStateError, match="your own account"):
        actions.deactivate_person(staff, staff)


def test_who_is_deactivated_is_signed_out_and_comes_back_with_the_role(
    client: Client, staff: User, colleague: User, tables: None
) -> None:
    client.force_login(colleague)
    assert client.get("/people/").status_code == 200
    actions.deactivate_person(staff, colleague)
    assert client.get("/people/").status_code == 302
    colleague.refresh_from_db()
    actions.reactivate_person(staff, colleague)
    # The session is gone for good.
    assert client.get("/people/").status_code == 302
    client.force_login(User.objects.get(pk=colleague.pk))
    assert client.get("/people/").status_code == 200


def test_sessions_end_for_one_person_alone(staff: User, colleague: User, tables: None) -> None:
    browsers = {name: Client() for name in ("laptop", "phone", "staff")}
    for name, browser in browsers.items():
        browser.force_login(staff if name == "staff" else colleague)
    keep = browsers["phone"].session.session_key
    assert actions.end_sessions(staff, colleague, keep=keep) == 1
    found = {name: browser.get("/people/").status_code for name, browser in browsers.items()}
    assert found == {"laptop": 302, "phone": 200, "staff": 200}
    assert actions.end_sessions(staff, colleague) == 1


def test_a_link_is_for_active_people(staff: User, colleague: User) -> None:
    actions.deactivate_person(staff, colleague)
    colleague.refresh_from_db()
    with pytest.raises(WrongStateError, match="deactivated"):
        actions.make_password_link(staff, colleague)


def test_a_link_by_email_needs_an_address_and_a_mail_server(
    staff: User, colleague: User, settings: Any
) -> None:
    with pytest.raises(WrongStateError, match="set up"):
        actions.email_password_link(staff, colleague)
    settings.MAIL_IS_ON = True
    with pytest.raises(WrongStateError, match="no email"):
        actions.email_password_link(staff, colleague)


def test_what_changes_nothing_writes_no_entry(staff: User, colleague: User) -> None:
    with acting_as(Origin("recruiter", Channel.PAGE)):
        actions.change_role(staff, colleague, ADMINISTRATOR)
        actions.reactivate_person(staff, colleague)
    assert AuditEntry.objects.count() == 0


def test_who_lost_the_role_while_this_waited_is_no_other_administrator(
    staff: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The lock of the other transaction is gone once it has taken the role from the colleague.
    monkeypatch.setattr(rules, "_locked_administrators", lambda: _after_demoting(colleague))
    with pytest.raises(WrongStateError):
        actions.change_role(colleague, staff, VIEWER)
    assert [group.name for group in staff.groups.all()] == [ADMINISTRATOR]


def _after_demoting(colleague: User) -> Any:
    found = list(User.objects.values_list("pk"))
    colleague.groups.clear()
    return User.objects.filter(pk__in=[pk for (pk,) in found])


def test_administrators_are_locked_where_the_database_can(staff: User) -> None:
    """SQLite locks the whole database from the beginning of a transaction."""
    query = rules._locked_administrators()
    assert query.query.select_for_update
    assert "JOIN" not in str(query.query).split(" IN (")[0]
    assert connection.vendor in ("sqlite", "postgresql")


def test_an_address_from_single_sign_on_is_not_changed_here(staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(email="from-sso@example.com")
    staff.refresh_from_db()
    SingleSignOn.objects.create(issuer="https://sso.example.com", subject="1", user=staff)
    change_profile(staff, name="Ada Lovelace", email="other@example.com", time_zone="")
    staff.refresh_from_db()
    assert (staff.email, staff.get_full_name()) == ("from-sso@example.com", "Ada Lovelace")

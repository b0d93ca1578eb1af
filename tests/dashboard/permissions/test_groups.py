"""Groups and permissions in the database follow the code, whichever state the database is in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.auth import api_tokens
from dashboard.auth.oidc_users import provision_user
from dashboard.forms.api_tokens import TokenForm
from dashboard.models import ApiToken
from dashboard.permissions import roles
from dashboard.permissions.groups import update_roles
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, ROLES, VIEWER, Actor

ALIAS = "new"
REVIEWER = "Proctor"


class Added(StrEnum):
    ARCHIVE = "archive_interviews"


@pytest.fixture
def add_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a later version had one permission and one role more."""
    titles: dict[Any, str] = cast(Any, roles.TITLES)
    granted: dict[str, frozenset[Any]] = cast(Any, ROLES)
    monkeypatch.setitem(titles, Added.ARCHIVE, "Archive interviews")
    monkeypatch.setitem(granted, REVIEWER, frozenset({roles.Permission.VIEW, Added.ARCHIVE}))
    monkeypatch.setitem(granted, ADMINISTRATOR, granted[ADMINISTRATOR] | {Added.ARCHIVE})


@contextmanager
def database(path: Path, blocker: Any) -> Iterator[str]:
    """The alias of the database in this file."""
    settings = {**connections["default"].settings_dict, "NAME": str(path)}
    with blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.databases, ALIAS, settings)
        yield ALIAS
        connections[ALIAS].close()
        del connections[ALIAS]


@pytest.fixture
def empty_database(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """The alias of a database of its own, in which nothing was migrated yet."""
    with database(tmp_path / "db.sqlite3", django_db_blocker) as alias:
        yield alias


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "db.sqlite3"
    with database(path, django_db_blocker):
        migrate()
    return path


@pytest.fixture
def migrated_database(migrated_file: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """The alias of a database of its own, as a new platform has it."""
    path = Path(shutil.copy(migrated_file, tmp_path))
    with database(path, django_db_blocker) as alias:
        yield alias


def migrate(*target: str) -> None:
    call_command("migrate", *target, database=ALIAS, verbosity=0)


def stored_roles(using: str = ALIAS) -> dict[str, set[str]]:
    return {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.using(using).prefetch_related("permissions")
    }


def roles_of_the_code() -> dict[str, set[str]]:
    return {role: {code.value for code in codes} for role, codes in ROLES.items()}


def test_a_new_database_gets_a_role_and_a_permission_that_were_added(
    add_role: None, empty_database: str
) -> None:
    migrate()
    assert stored_roles() == roles_of_the_code()
    title = Permission.objects.using(ALIAS).get(codename=Added.ARCHIVE).name
    assert title == "Archive interviews"


def test_an_existing_database_gets_a_role_and_a_permission_that_were_added(
    migrated_database: str, request: pytest.FixtureRequest
) -> None:
    assert stored_roles() == roles_of_the_code()
    request.getfixturevalue("add_role")
    assert REVIEWER not in stored_roles()
    migrate()
    assert stored_roles() == roles_of_the_code()
    assert Added.ARCHIVE in stored_roles()[REVIEWER]


@pytest.mark.parametrize("state", ["0001", "0002", "0003"])
def test_a_database_of_any_earlier_state_is_brought_up_to_date(
    state: str, add_role: None, empty_database: str
) -> None:
    migrate("dashboard", state)
    migrate()
    assert stored_roles() == roles_of_the_code()


def test_staff_from_before_there_were_roles_are_administrators(empty_database: str) -> None:
    migrate("auth")
    migrate("dashboard", "0001")
    users = User.objects.using(ALIAS)
    users.create(username="ada", is_staff=True)
    users.create(username="candidate")
    migrate()
    held = {user.username: [group.name for group in user.groups.all()] for user in users.all()}
    assert held == {"ada": [ADMINISTRATOR], "candidate": []}


def test_databases_in_which_only_other_apps_were_migrated_are_left_alone(
    empty_database: str,
) -> None:
    migrate("contenttypes")
    migrate("auth")
    migrate("dashboard", "zero")
    assert not Group.objects.using(ALIAS).exists()


def test_the_platforms_roles_are_exactly_what_the_code_says(migrated_database: str) -> None:
    viewer = Group.objects.using(ALIAS).get(name=VIEWER)
    permissions = Permission.objects.using(ALIAS)
    viewer.permissions.add(permissions.get(codename="delete_interviews"))
    viewer.permissions.remove(permissions.get(codename="view_interviews"))
    Group.objects.using(ALIAS).get(name=INTERVIEWER).delete()
    migrate()
    assert stored_roles() == roles_of_the_code()


def test_permissions_of_other_apps_stay_in_a_role(migrated_database: str) -> None:
    viewer = Group.objects.using(ALIAS).get(name=VIEWER)
    viewer.permissions.add(Permission.objects.using(ALIAS).get(codename="view_session"))
    viewer.permissions.remove(Permission.objects.using(ALIAS).get(codename="view_interviews"))
    migrate()
    assert stored_roles()[VIEWER] == {"view_interviews", "view_session"}


def test_groups_of_the_administrators_are_never_touched(
    migrated_database: str, request: pytest.FixtureRequest
) -> None:
    own = Group.objects.using(ALIAS).create(name="Berlin")
    own.permissions.add(Permission.objects.using(ALIAS).get(codename="see_audit_trail"))
    own.permissions.add(Permission.objects.using(ALIAS).get(codename="view_session"))
    request.getfixturevalue("add_role")
    migrate()
    assert stored_roles()["Berlin"] == {"see_audit_trail", "view_session"}


def test_a_title_that_changed_is_stored(
    migrated_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(roles.TITLES, roles.Permission.VIEW, "See everything")
    migrate()
    stored = Permission.objects.using(ALIAS).get(codename="view_interviews")
    assert stored.name == "See everything"


def test_a_database_that_is_up_to_date_costs_one_query(db: None) -> None:

    with CaptureQueriesContext(connections["default"]) as queries:
        update_roles("default")
    assert len(queries) == 1


def test_roles_are_there_again_after_a_flush(transactional_db: None) -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert stored_roles("default") == roles_of_the_code()


@pytest.fixture
def stored_reviewer(db: None, add_role: None) -> None:
    call_command("migrate", verbosity=0)


def test_a_role_that_was_added_reaches_tokens(
    stored_reviewer: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_api_token", "reports", "--role", REVIEWER)
    actor = api_tokens.actor_of_token(capsys.readouterr().out.strip())
    assert actor is not None
    assert actor.permissions == ROLES[REVIEWER]
    field: Any = TokenForm(Actor("boss", ROLES[ADMINISTRATOR])).fields["role"]
    assert (REVIEWER, REVIEWER) in field.choices


def test_a_role_that_was_added_reaches_single_sign_on(stored_reviewer: None, settings: Any) -> None:
    settings.OIDC_ROLE_CLAIM = "roles"
    claims = {"iss": "https://id.example.com", "sub": "1", "email": "ada@example.com"}
    user = provision_user({**claims, "email_verified": True, "roles": ["proctor"]})
    assert [group.name for group in user.groups.all()] == [REVIEWER]


def test_a_role_that_was_added_reaches_the_admin_and_is_fixed_there(
    stored_reviewer: None, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert REVIEWER in client.get("/admin/auth/user/add/").text
    group = Group.objects.get(name=REVIEWER)
    answer = client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "x", "permissions": []})
    assert answer.status_code == 403


def test_a_token_of_a_role_that_is_gone_permits_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROLES, REVIEWER, ROLES[VIEWER])
    _, text = api_tokens.create("reports", REVIEWER, by="admin")
    monkeypatch.delitem(ROLES, REVIEWER)
    actor = api_tokens.actor_of_token(text)
    assert actor is not None
    assert actor.permissions == frozenset()


def test_no_token_is_made_for_a_role_that_does_not_exist(db: None) -> None:
    with pytest.raises(ValueError, match="no role 'Proctor'"):
        api_tokens.create("reports", REVIEWER, by="admin")


def test_names_of_roles_fit_where_they_are_stored() -> None:
    longest = ApiToken._meta.get_field("role").max_length
    assert longest is not None
    assert max(map(len, ROLES)) <= longest

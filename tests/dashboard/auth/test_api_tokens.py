"""API tokens on their page, and from the command."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.auth import api_tokens
from dashboard.forms.api_tokens import TAKEN, TokenForm
from dashboard.models import ApiToken
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, ROLES, VIEWER, Permission
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db

PAGE = "/tokens/"
CREATE = "/tokens/create/"


def audited() -> list[tuple[str, str, str, str]]:
    found = AuditEntry.objects.order_by("id")
    return [(entry.actor, entry.what, entry.target, entry.via) for entry in found]


def names(response: Any) -> list[str]:
    return [each.get_text(strip=True) for each in soup(response).select(".token-name")]


def test_a_token_is_made_and_shown_once(staff_client: Client) -> None:
    response = staff_client.post(CREATE, {"name": " ats ", "role": VIEWER})
    text = soup(response).select_one("#token").get_text(strip=True)
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    actor = api_tokens.actor_of_token(text)
    assert actor is not None
    assert (actor.name, actor.permissions) == ("token ats", ROLES[VIEWER])
    assert ApiToken.objects.get().created_by == "recruiter"
    assert text not in staff_client.get(PAGE).content.decode()
    assert audited() == [("recruiter", "token_created", "ats", "page")]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "role": VIEWER}, "name"),
        ({"name": "x" * 101, "role": VIEWER}, "name"),
        ({"name": "two\nlines", "role": VIEWER}, "name"),
        ({"name": "old", "role": VIEWER}, "name"),
        ({"name": "ats", "role": "Emperor"}, "role"),
        ({"name": "ats"}, "role"),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    staff_client: Client, data: dict[str, str], field: str
) -> None:
    api_tokens.create("old", VIEWER, by="recruiter")
    response = staff_client.post(CREATE, data)
    page = soup(response)
    assert response.status_code == 422
    assert page.select_one(f"#id_{field}_error").get_text(strip=True)
    assert page.select_one("#id_name").get("value", "") == data["name"]
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("address", [CREATE, "/admin/dashboard/apitoken/add/"])
def test_who_is_later_by_a_moment_is_told_that_the_name_is_taken(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    looks = TokenForm.validate_unique

    def looks_a_moment_too_early(form: TokenForm) -> None:
        monkeypatch.setattr(TokenForm, "validate_unique", looks)

    monkeypatch.setattr(TokenForm, "validate_unique", looks_a_moment_too_early)
    _, text = api_tokens.create("ats", INTERVIEWER, by="ada")
    response = staff_client.post(address, {"name": "ats", "role": VIEWER})
    said = [
        each.get_text(strip=True) for each in soup(response).select(".field-error, .errorlist li")
    ]
    assert (said, soup(response).select_one("#id_name")["value"]) == ([TAKEN], "ats")
    actor = api_tokens.actor_of_token(text)
    assert actor is not None
    assert (ApiToken.objects.count(), actor.permissions) == (1, ROLES[INTERVIEWER])
    assert audited() == []


def test_revoking_asks_first(staff_client: Client) -> None:
    token, text = api_tokens.create("ats", INTERVIEWER, by="recruiter")
    address = f"/tokens/{token.pk}/revoke/"
    assert soup(staff_client.get(address)).h1.get_text() == "Revoke ats?"
    assert api_tokens.actor_of_token(text) is not None
    assert staff_client.post(address)["Location"] == PAGE
    assert api_tokens.actor_of_token(text) is None
    staff_client.post(address)
    assert audited() == [("recruiter", "token_revoked", "ats", "page")]
    assert "This token is revoked" in staff_client.get(address).content.decode()


def test_those_that_work_are_listed_first(staff_client: Client) -> None:
    gone, _ = api_tokens.create("a", VIEWER, by="recruiter")
    api_tokens.create("b", VIEWER, by="recruiter")
    api_tokens.revoke(gone)
    assert names(staff_client.get(PAGE)) == ["b", "a"]


def test_roles_have_names_in_the_language_of_the_reader(staff_client: Client) -> None:
    api_tokens.create("ats", VIEWER, by="recruiter")
    page = soup(staff_client.get(PAGE, headers={"accept-language": "de"}))
    assert [choice.get_text() for choice in page.select("select[name=role] option")] == [
        "Betrachter:in",
        "Bewerter:in",
        "Interviewer:in",
        "Administrator:in",
    ]
    assert page.select_one("td[data-label=Rolle]").get_text() == "Betrachter:in"


@pytest.mark.parametrize("token_id", ["0", "99", str(2**63), "9" * 40])
def test_an_unknown_one_is_not_there(staff_client: Client, token_id: str) -> None:
    assert staff_client.post(f"/tokens/{token_id}/revoke/").status_code == 404


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_it_is_for_administrators(client: Client, role: str) -> None:
    token, text = api_tokens.create("ats", VIEWER, by="recruiter")
    client.force_login(member("somebody", role))
    assert client.get(PAGE).status_code == 403
    assert client.post(CREATE, {"name": "mine", "role": VIEWER}).status_code == 403
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 403
    assert (ApiToken.objects.count(), api_tokens.actor_of_token(text) is None) == (1, False)


def test_nobody_makes_a_token_of_more_than_they_may(client: Client) -> None:
    person = member("lesser", VIEWER)
    person.user_permissions.add(DjangoPermission.objects.get(codename=Permission.ADMINISTER.value))
    client.force_login(User.objects.get(pk=person.pk))
    assert client.post(CREATE, {"name": "mine", "role": ADMINISTRATOR}).status_code == 422
    assert client.post(CREATE, {"name": "mine", "role": VIEWER}).status_code == 201


# -- the command -----------------------------------------------------------------------------------


def make(*args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("create_api_token", *args, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def test_command_prints_the_token_alone(db: None) -> None:
    text, note = make("ats", "--role", VIEWER)
    actor = api_tokens.actor_of_token(text)
    assert actor is not None
    assert actor.permissions == ROLES[VIEWER]
    assert text not in note
    assert audited() == [("manage.py", "token_created", "ats", "command")]


def test_command_makes_an_interviewer_unless_told(db: None) -> None:
    make("ats")
    assert ApiToken.objects.get().role == INTERVIEWER


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "old", "two\nlines", "a\x1b[31m"])
def test_command_refuses_a_bad_name(db: None, name: str) -> None:
    api_tokens.create("old", VIEWER, by="recruiter")
    with pytest.raises(CommandError, match=r"^name: "):
        make(name)
    assert ApiToken.objects.count() == 1

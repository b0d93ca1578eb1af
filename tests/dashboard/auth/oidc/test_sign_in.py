"""Signing in through a provider: accounts, roles and sessions."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard.auth import oidc, oidc_users
from dashboard.models import SingleSignOn
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, VIEWER
from operations.audit.models import AuditEntry
from tests.dashboard.auth.oidc.signing_in import (
    ADA,
    SECRET,
    at_provider,
    begin,
    is_signed_in,
    roles_of,
    session_keys,
    sign_in,
)
from tests.second_factor import turn_on

pytestmark = pytest.mark.django_db


def test_the_button_is_there_only_where_it_leads_somewhere(client: Client, settings: Any) -> None:
    assert "Sign in with single sign-on" in client.get("/login/").content.decode()
    settings.OIDC_ISSUER = ""
    assert "Sign in with single sign-on" not in client.get("/login/").content.decode()
    assert client.get("/login/sso/").status_code == 404
    assert client.get("/login/sso/finish/?code=x&state=y").status_code == 404


def test_the_request_is_bound_to_this_browser(client: Client) -> None:
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/login/sso/finish/"]
    mine = session_keys(client.session)
    assert asked["nonce"] == [mine["nonce"]]
    digest = hashlib.sha256(mine["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert SECRET not in str(asked)


def test_somebody_new_becomes_staff_and_waits_for_a_role(client: Client) -> None:
    assert sign_in(client)["Location"] == "/"
    user = User.objects.get()
    assert (user.username, user.email, user.first_name) == (ADA["email"], ADA["email"], "Ada")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert roles_of(user) == set()
    answer = client.get("/")
    assert (answer.status_code, b"You don't have a role yet" in answer.content) == (403, True)
    assert [(each.actor, each.what) for each in AuditEntry.objects.order_by("pk")] == [
        ("ada@example.com", "joined"),
        ("ada@example.com", "signed_in"),
    ]


def test_the_usual_role_is_given_once(client: Client, settings: Any, tables: None) -> None:
    settings.OIDC_DEFAULT_ROLE = VIEWER
    sign_in(client)
    user = User.objects.get()
    assert roles_of(user) == {VIEWER}
    assert client.get("/").status_code == 200
    # An administrator's decision persists.
    user.groups.set([Group.objects.get(name=INTERVIEWER)])
    sign_in(Client())
    assert roles_of(user) == {INTERVIEWER}


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("Interviewer", INTERVIEWER),
        ("viewer", VIEWER),
        (["staff", "Viewer", "Administrator"], ADMINISTRATOR),
        ("janitor", None),
        ("", None),
        ({"role": "Administrator"}, None),
        (7, None),
    ],
)
def test_the_claim_names_the_role(
    client: Client, settings: Any, value: Any, role: str | None
) -> None:
    settings.OIDC_ROLE_CLAIM = "takehome_role"
    sign_in(client, takehome_role=value)
    assert roles_of(User.objects.get()) == ({role} if role else set())


def test_the_role_is_renewed_each_time_and_other_groups_stay(client: Client, settings: Any) -> None:
    settings.OIDC_ROLE_CLAIM = "takehome_role"
    settings.OIDC_DEFAULT_ROLE = VIEWER
    sign_in(client, takehome_role="Administrator")
    user = User.objects.get()
    user.groups.add(Group.objects.create(name="Berlin"))
    sign_in(Client(), takehome_role="Interviewer")
    assert roles_of(user) == {INTERVIEWER, "Berlin"}
    sign_in(Client())
    assert roles_of(user) == {VIEWER, "Berlin"}
    given = AuditEntry.objects.filter(what="role_changed", detail=f"{VIEWER}: given").get()
    assert (given.actor, given.target, given.via) == ("single sign-on", "ada@example.com", "page")


def test_a_person_is_known_by_the_subject_and_not_by_the_address(client: Client) -> None:
    mine = User.objects.create_user("ada@example.com", "ada@example.com", "a good one 4")
    sign_in(client, "ada")
    first = SingleSignOn.objects.get().user
    assert (first.pk == mine.pk, first.username) == (False, "ada@example.com-2")
    # The user has a new name and address.
    sign_in(Client(), "ada", email="ada.king@example.com")
    first.refresh_from_db()
    assert first.email == "ada.king@example.com"
    # Another person got the old address.
    sign_in(Client(), "another-ada")
    assert SingleSignOn.objects.count() == 2
    assert User.objects.count() == 3


def test_a_slash_at_the_end_of_the_issuer_makes_nobody_new(
    client: Client, settings: Any, provider: str
) -> None:
    sign_in(client)
    settings.OIDC_ISSUER = f"{provider}/"
    sign_in(Client())
    assert User.objects.count() == 1


def test_a_name_with_an_apostrophe_is_given_a_role_in_the_admin(
    provider: str, client: Client, staff: User
) -> None:
    user = oidc_users.provision_user(
        ADA | {"iss": provider, "sub": "obrien", "email": "o'brien@example.com"}
    )
    assert (user.username, user.email) == ("o-brien@example.com", "o'brien@example.com")
    client.force_login(staff)
    fields = {
        "username": user.username,
        "email": user.email,
        "is_active": "on",
        "is_staff": "on",
        "groups": [Group.objects.get(name=VIEWER).pk],
    }
    assert client.post(f"/admin/auth/user/{user.pk}/change/", fields).status_code == 302
    assert roles_of(user) == {VIEWER}


class SparingProvider:
    """A provider whose ID tokens have an address, and whose userinfo says if it is verified."""

    def __init__(self, issuer: str, userinfo: dict[str, Any]) -> None:
        self.issuer = issuer
        self._userinfo = userinfo

    def load_server_metadata(self) -> dict[str, Any]:
        endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        return {"issuer": self.issuer, **dict.fromkeys(endpoints, self.issuer)}

    def authorize_access_token(self, request: Any, **_: Any) -> dict[str, Any]:
        return {"userinfo": {"iss": self.issuer, "sub": "ada", "email": "boss@example.com"}}

    def userinfo(self, token: Any) -> dict[str, Any]:
        return self._userinfo


def test_the_address_that_was_verified_is_the_one_that_counts(provider: str, rf: Any) -> None:
    client = SparingProvider(provider, ADA | {"sub": "ada"})
    claims = oidc._claims(client, rf.get("/"))
    assert (claims["email"], claims["email_verified"]) == (ADA["email"], True)
    with pytest.raises(ValueError, match="somebody else's"):
        oidc._claims(SparingProvider(provider, ADA | {"sub": "grace"}), rf.get("/"))


def test_it_leads_on_to_where_one_wanted_to_go(client: Client, settings: Any) -> None:
    settings.OIDC_DEFAULT_ROLE = VIEWER
    assert client.get(at_provider(begin(client, "/history/"), "ada", ADA))["Location"] == (
        "/history/"
    )
    away = at_provider(begin(client, "https://evil.example/"), "ada", ADA)
    assert client.get(away)["Location"] == "/"


def test_signing_out_ends_the_session_here(client: Client) -> None:
    sign_in(client)
    assert is_signed_in(client)
    assert client.post("/logout/")["Location"] == "/login/"
    assert not is_signed_in(client)


def test_the_provider_has_the_second_step(client: Client, settings: Any) -> None:
    """Nobody is asked for a code, and nobody has to set one up, even who has a password as well."""
    settings.OIDC_DEFAULT_ROLE, settings.REQUIRE_SECOND_FACTOR = VIEWER, True
    sign_in(client)
    user = User.objects.get()
    user.set_password("a good one 4")
    user.save()
    client.logout()
    sign_in(client)
    assert client.get("/profile/").status_code == 200
    turn_on(user)
    client.logout()
    sign_in(client)
    assert is_signed_in(client)

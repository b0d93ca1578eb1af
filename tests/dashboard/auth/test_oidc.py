"""Single sign-on, through the whole flow, with a provider that runs in a process here."""

import base64
import hashlib
import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import structlog
from authlib.integrations.requests_client import OAuth2Session
from django.contrib.auth.models import Group, User
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from dashboard.auth import oidc, oidc_users, usernames
from dashboard.models import SingleSignOn
from dashboard.permissions.roles import ADMINISTRATOR, INTERVIEWER, VIEWER
from operations import rate_limit
from operations.audit.models import AuditEntry
from takehome_platform.local_stack.config import free_port
from tests.second_factor import turn_on
from tests.services import wait_until

SECRET = "a secret of some length"
ADA: dict[str, Any] = {"email": "ada@example.com", "email_verified": True, "given_name": "Ada"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits and a client of this test alone."""
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)
    oidc._client.cache_clear()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider, in a process of its own: its deprecation warnings would fail this one."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: is_listening(address), "the provider did not start")
            yield address
        finally:
            server.kill()


def is_listening(address: str) -> bool:
    try:
        return requests.get(f"{address}/jwks", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(autouse=True)
def provider(issuer: str, settings: Any) -> str:
    settings.OIDC_ISSUER = issuer
    settings.OIDC_CLIENT_ID = "takehome"
    settings.OIDC_CLIENT_SECRET = SECRET
    settings.OIDC_ALLOWED_DOMAINS = ["example.com"]
    return issuer


def at_provider(address: str, subject: str, claims: dict[str, Any]) -> str:
    """Sign in at the provider, and return the URL that it redirects to."""
    base = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    assert requests.put(f"{base}/users/{subject}", json=claims, timeout=5).status_code == 204
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert (back.netloc, back.path) == ("testserver", "/login/sso/finish/")
    return f"{back.path}?{back.query}"


def begin(client: Client, then: str = "") -> str:
    answer = client.get(f"/login/sso/?{urlencode({'next': then})}")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def sign_in(client: Client, subject: str = "ada", **claims: Any) -> Any:
    return client.get(at_provider(begin(client), subject, ADA | claims))


def session_keys(session: Any) -> Any:
    """What the session keeps of the sign-in that it started."""
    (key,) = [name for name in session.keys() if name.startswith("_state_")]  # noqa: SIM118
    session.modified = True
    return session[key]["data"]


def alert_of(answer: Any) -> str:
    found = re.search(r'role="alert">([^<]*)<', answer.content.decode())
    assert found is not None
    return html.unescape(found[1])


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def roles_of(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


# -- signing in ------------------------------------------------------------------------------------


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


# -- denied ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email_verified": False}, "Your email address isn't verified."),
        ({"email_verified": None}, "Your email address isn't verified."),
        ({"email": "ada@example.org"}, "Addresses at example.org can't sign in here."),
        ({"email": "ada@evilexample.com"}, "Addresses at evilexample.com can't"),
        ({"email": '"ada@example.com"@evil.org'}, "Addresses at evil.org can't"),
        ({"email": None}, "Single sign-on didn't tell us your email address."),
        ({"email": "@example.com"}, "Single sign-on didn't tell us your email address."),
        ({"email": "ada\n@example.com"}, "Single sign-on didn't tell us your email address."),
    ],
)
def test_an_address_that_may_not_come_in_makes_nobody(
    client: Client, claims: dict[str, Any], sentence: str
) -> None:
    answer = sign_in(client, **claims)
    assert answer.status_code == 403
    assert alert_of(answer).startswith(sentence)
    assert not is_signed_in(client)
    assert User.objects.count() == 0
    assert AuditEntry.objects.get().what == "sign_in_failed"


@pytest.mark.parametrize("domains", [["example.org", "example.com"], ["example.com"]])
def test_an_address_of_any_allowed_domain_comes_in(
    client: Client, settings: Any, domains: list[str]
) -> None:
    settings.OIDC_ALLOWED_DOMAINS = domains
    sign_in(client, email="ada@Example.COM")
    assert is_signed_in(client)


def test_without_domains_whoever_is_verified_comes_in(client: Client, settings: Any) -> None:
    settings.OIDC_ALLOWED_DOMAINS = []
    sign_in(client, email="ada@example.org")
    assert is_signed_in(client)


def test_a_role_that_there_is_not_lets_nobody_in_and_says_so(client: Client, settings: Any) -> None:
    settings.OIDC_DEFAULT_ROLE = "Janitor"
    answer = sign_in(client)
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert alert_of(answer) == (
        "Your role would be Janitor, which doesn't exist here. Tell an administrator."
    )
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.detail) == ("sign_in_failed", "single sign-on: no such role")
    # No user was created, who would exist without a role forever.
    assert User.objects.count() == 0
    settings.OIDC_DEFAULT_ROLE = VIEWER
    sign_in(client)
    assert roles_of(User.objects.get()) == {VIEWER}


def test_a_role_that_somebody_deleted_is_told_and_the_one_of_before_stays(
    client: Client, settings: Any
) -> None:
    settings.OIDC_ROLE_CLAIM = "takehome_role"
    sign_in(Client(), takehome_role="Viewer")
    Group.objects.get(name=INTERVIEWER).delete()
    answer = sign_in(client, takehome_role="Interviewer")
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert alert_of(answer).startswith("Your role would be Interviewer, which doesn't exist here.")
    assert roles_of(User.objects.get()) == {VIEWER}


@pytest.mark.parametrize(
    ("claims", "sent"), [({"takehome_role": ["all-staff"]}, True), ({}, False)]
)
def test_a_claim_that_names_no_role_is_noted_without_what_it_says(
    provider: str, settings: Any, claims: dict[str, Any], sent: bool
) -> None:
    settings.OIDC_ROLE_CLAIM = "takehome_role"
    with structlog.testing.capture_logs() as lines:
        oidc_users.provision_user(ADA | claims | {"iss": provider, "sub": "ada"})
    assert lines == [
        {
            "event": "sso_claim_without_role",
            "log_level": "info",
            "claim": "takehome_role",
            "was_sent": sent,
        }
    ]


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_who_was_switched_off_stays_out(client: Client, field: str) -> None:
    sign_in(Client())
    User.objects.update(**{field: False})
    answer = sign_in(client)
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert alert_of(answer) == "Your account is deactivated. Ask an administrator."
    assert AuditEntry.objects.first().actor == "ada@example.com"


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(client: Client) -> None:
    """An attacker's own code, in a link for another user."""
    theirs = at_provider(begin(Client()), "mallory", ADA)
    begin(client)
    answer = client.get(theirs)
    assert (answer.status_code, is_signed_in(client)) == (400, False)
    assert alert_of(answer).startswith("This sign-in took too long or started in another window.")


def test_an_answer_counts_once(client: Client) -> None:
    address = at_provider(begin(client), "ada", ADA)
    assert client.get(address).status_code == 302
    client.post("/logout/")
    assert (client.get(address).status_code, is_signed_in(client)) == (400, False)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=oops"])
def test_an_answer_to_nothing_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"/login/sso/finish/{query}")
    assert answer.status_code in (400, 403)
    assert not is_signed_in(client)


def test_an_answer_without_a_code_is_refused(client: Client) -> None:
    asked = parse_qs(urlsplit(begin(client)).query)
    answer = client.get(f"/login/sso/finish/?state={asked['state'][0]}")
    assert (answer.status_code, is_signed_in(client)) == (403, False)


def test_nobody_writes_the_audit_trail_from_outside(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither their own sentences, nor unlimited entries."""
    monkeypatch.setattr(oidc, "FINISHED", ("single-sign-on-finish", 2))
    address = "/login/sso/finish/?error="
    assert client.get(f"{address}invalid_scope").status_code == 403
    assert client.get(f"{address}Grace deleted everything").status_code == 403
    assert client.get(f"{address}oops").status_code == 429
    assert [each.detail for each in AuditEntry.objects.order_by("pk")] == [
        "single sign-on: invalid_scope",
        "single sign-on: unknown error",
    ]


def test_who_changes_their_mind_is_told_so(client: Client) -> None:
    begin(client)
    answer = client.get("/login/sso/finish/?error=access_denied&error_description=<b>")
    assert (answer.status_code, alert_of(answer)) == (
        403,
        "The sign-in was cancelled. Try again.",
    )


def test_a_token_for_another_sign_in_is_refused(client: Client) -> None:
    """The nonce belongs to the request of another browser."""
    address = at_provider(begin(client), "ada", ADA)
    session = client.session
    session_keys(session)["nonce"] = "another"
    session.save()
    answer = client.get(address)
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert alert_of(answer).startswith("We couldn't verify the sign-in.")


def respond_with(monkeypatch: pytest.MonkeyPatch, id_token: str) -> None:
    token = {"access_token": "x", "token_type": "Bearer", "id_token": id_token}
    monkeypatch.setattr(OAuth2Session, "fetch_token", lambda *_, **__: token)


def test_a_token_for_another_client_is_refused(
    client: Client, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by the provider, with our nonce, but for another site."""
    asked = parse_qs(urlsplit(begin(client)).query)
    theirs = {
        "client_id": "another-site",
        "redirect_uri": "https://evil.example/",
        "response_type": "code",
        "scope": "openid email",
        "nonce": asked["nonce"][0],
    }
    requests.put(f"{provider}/users/ada", json=ADA, timeout=5)
    sent = requests.post(
        f"{provider}/oauth2/authorize?{urlencode(theirs)}",
        data={"sub": "ada"},
        allow_redirects=False,
        timeout=5,
    )
    code = parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]
    token = requests.post(
        f"{provider}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "https://evil.example/",
        },
        auth=("another-site", "x"),
        timeout=5,
    ).json()
    respond_with(monkeypatch, token["id_token"])
    answer = client.get(f"/login/sso/finish/?code=x&state={asked['state'][0]}")
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert AuditEntry.objects.get().detail == "single sign-on: InvalidClaimError"


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "none"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: Client, provider: str, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    asked = parse_qs(urlsplit(begin(client)).query)
    claims = ADA | {
        "iss": provider,
        "sub": "ada",
        "aud": "takehome",
        "exp": 2_000_000_000,
        "iat": 1_700_000_000,
        "nonce": asked["nonce"][0],
    }
    (known,) = requests.get(f"{provider}/jwks", timeout=5).json()["keys"]
    header = {"alg": algorithm} | ({"kid": known["kid"]} if "kid" in known else {})
    if algorithm == "none":
        parts = [
            base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
            for each in (header, claims)
        ]
        forged = ".".join([*parts, ""])
    elif algorithm == "HS256":
        forged = jwt.encode(header, claims, OctKey.import_key(SECRET))
    else:
        forged = jwt.encode(header, claims, RSAKey.generate_key(2048))
    respond_with(monkeypatch, forged)
    answer = client.get(f"/login/sso/finish/?code=x&state={asked['state'][0]}")
    assert (answer.status_code, is_signed_in(client)) == (403, False)
    assert User.objects.count() == 0


# -- the provider is down --------------------------------------------------------------------------


def test_a_provider_that_is_away_is_told_and_the_password_works(
    client: Client, settings: Any, staff: User
) -> None:
    settings.OIDC_ISSUER = f"http://127.0.0.1:{free_port()}"
    answer = client.get("/login/sso/?next=/history/")
    assert answer.status_code == 503
    assert alert_of(answer) == ("Single sign-on isn't responding. Try again, or use a password.")
    assert 'name="next" value="/history/"' in answer.content.decode()
    fields = {"username": "recruiter", "password": "a good one 4"}
    assert client.post("/login/", fields).status_code == 302


def test_a_provider_that_goes_away_in_between_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError("refused")

    address = at_provider(begin(client), "ada", ADA)
    monkeypatch.setattr(OAuth2Session, "fetch_token", fail)
    answer = client.get(address)
    assert (answer.status_code, is_signed_in(client)) == (503, False)


def test_another_issuers_description_is_not_believed(
    client: Client, settings: Any, provider: str
) -> None:
    settings.OIDC_ISSUER = f"{provider}/tenant/.."
    assert client.get("/login/sso/").status_code == 503


def test_beginning_again_and_again_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "BEGUN", ("single-sign-on", 2))
    assert [client.get("/login/sso/").status_code for _ in range(3)] == [302, 302, 429]


def test_two_first_sign_ins_at_once_make_one_person(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = ADA | {"iss": provider, "sub": "ada"}
    first = oidc_users.provision_user(claims)
    real, looks = oidc_users._linked_user, iter([None])
    monkeypatch.setattr(oidc_users, "_linked_user", lambda *who: next(looks, real(*who)))
    assert oidc_users.provision_user(claims) == first
    assert User.objects.count() == 1


def test_two_people_of_one_address_at_once_are_two(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = ADA | {"iss": provider}
    oidc_users.provision_user(claims | {"sub": "ada"})
    real, names = usernames.free_username, iter(["ada@example.com"])
    monkeypatch.setattr(oidc_users, "free_username", lambda email: next(names, real(email)))
    second = oidc_users.provision_user(claims | {"sub": "another-ada"})
    assert second.username == "ada@example.com-2"
    assert (User.objects.count(), SingleSignOn.objects.count()) == (2, 2)


@pytest.mark.parametrize("subject", [None, "", 7, "x" * 256])
def test_nobody_is_nobody(provider: str, subject: Any) -> None:
    with pytest.raises(oidc_users.SignInDenied):
        oidc_users.provision_user(ADA | {"iss": provider, "sub": subject})
    assert User.objects.count() == 0

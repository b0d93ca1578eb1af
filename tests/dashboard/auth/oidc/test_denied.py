"""Who the provider sends is denied, and answers that are not believed."""

import base64
import json
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

from dashboard.auth import oidc, oidc_users
from dashboard.permissions.roles import INTERVIEWER, VIEWER
from operations.audit.models import AuditEntry
from tests.dashboard.auth.oidc.signing_in import (
    ADA,
    SECRET,
    alert_of,
    at_provider,
    begin,
    is_signed_in,
    roles_of,
    session_keys,
    sign_in,
)

pytestmark = pytest.mark.django_db


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

"""The provider is down, and two people sign in at once."""

from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from django.contrib.auth.models import User
from django.test import Client

from dashboard.auth import oidc, oidc_users, usernames
from dashboard.models import SingleSignOn
from takehome_platform.local_stack.config import free_port
from tests.dashboard.auth.oidc.signing_in import ADA, alert_of, at_provider, begin, is_signed_in

pytestmark = pytest.mark.django_db


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

"""The steps of signing in through a provider."""

import html
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.contrib.auth.models import User
from django.test import Client

SECRET = "a secret of some length"
ADA: dict[str, Any] = {"email": "ada@example.com", "email_verified": True, "given_name": "Ada"}


def is_listening(address: str) -> bool:
    try:
        return requests.get(f"{address}/jwks", timeout=5).ok
    except requests.ConnectionError:
        return False


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

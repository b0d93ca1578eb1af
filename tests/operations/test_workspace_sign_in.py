"""The page that posts a workspace's password to its editor, and when there is only a link."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import RequestFactory

from interviews.models import Interview
from operations import workspace_sign_in
from operations.provisioners.editor_config import jupyter_token

FORM = {"sign_in": "form"}
PASSWORD = "sesame-open-4711"


def opened(
    url: str | None, state: dict[str, str] | None = None, *, secure: bool = False
) -> HttpResponse | None:
    interview = Interview(
        id="takehome-1", access_url=url, password=PASSWORD, workspace_state=state or FORM
    )
    return workspace_sign_in.open_workspace(RequestFactory().get("/", secure=secure), interview)


@pytest.mark.parametrize(
    ("url", "action", "origin"),
    [
        ("http://127.0.0.1:20001/", "http://127.0.0.1:20001/login", "http://127.0.0.1:20001"),
        ("https://A.example.com/", "https://A.example.com/login", "https://a.example.com"),
        ("https://example.com/ws/a/", "https://example.com/ws/a/login", "https://example.com"),
    ],
)
def test_form_posts_the_password_to_this_workspace_alone(
    url: str, action: str, origin: str
) -> None:
    response = opened(url)
    assert response is not None
    assert response.status_code == 200
    form = BeautifulSoup(response.content, "html.parser").select_one("form")
    assert form is not None
    assert (form["method"], form["action"]) == ("post", action)
    fields = {field["name"]: field["value"] for field in form.select("input")}
    assert fields == {"password": PASSWORD, "token": jupyter_token(PASSWORD)}
    assert vars(response)["_csp_replace"] == {"form-action": [origin]}
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("url", "state", "secure"),
    [
        # A workspace of an earlier version, or one whose image has another sign-in.
        ("http://127.0.0.1:20001/", {"port": "20001"}, False),
        # A policy cannot name these.
        ("http://[::1]:20001/", FORM, False),
        ("http://a.example.com;x/", FORM, False),
        # Browsers stop at a page of their own before such a form.
        ("http://work.example.com:20001/", FORM, True),
    ],
)
def test_otherwise_the_editor_asks(url: str, state: dict[str, str], secure: bool) -> None:
    response = opened(url, state, secure=secure)
    assert response is not None
    assert (response.status_code, response["Location"]) == (302, url)
    assert PASSWORD not in response.content.decode()


def test_loopback_is_no_insecure_form() -> None:
    response = opened("http://a.localhost:20001/", secure=True)
    assert response is not None
    assert response.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        None,
        "javascript:alert(1)",
        "http://[::1",
        "http://a.example.com:99999/",
        "http://a.localhost:port/",
        "http://a.localhost:0/",
        "http:///path",
    ],
)
def test_no_address_is_opened_that_is_none(url: str | None) -> None:
    assert opened(url) is None


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://takehome-1.localhost:20001/", "http://127.0.0.1:20001/"),
        ("http://127.0.0.1:20001/", ""),
        ("https://takehome-1.workspaces.example.com/", ""),
        (None, ""),
    ],
)
def test_a_name_below_localhost_has_a_plain_address(
    settings: Any, url: str | None, plain: str
) -> None:
    settings.SITE_URL = "http://localhost:8000"
    assert workspace_sign_in.plain_address(url) == plain


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_plain_address_is_not_sent_the_cookies_of_the_platform(settings: Any, host: str) -> None:
    settings.SITE_URL = f"http://{host}:8000"
    plain = workspace_sign_in.plain_address("http://takehome-1.localhost:20001/")
    assert {urlsplit(plain).hostname, host} == {"127.0.0.1", "localhost"}


@pytest.mark.parametrize(
    ("state", "address"),
    [
        (FORM | {"container": "workspace-1"}, "http://a.localhost:1/proxy/3000/"),
        (FORM | {"editor": "code-server"}, "http://a.localhost:1/proxy/3000/"),
        # JupyterLab leads to no port, and nothing is known of an image with another sign-in.
        (FORM | {"editor": "jupyterlab"}, ""),
        ({"container": "workspace-1"}, ""),
    ],
)
def test_web_apps_are_below_code_servers_address(state: dict[str, str], address: str) -> None:
    interview = Interview(
        access_url="http://a.localhost:1/", password=PASSWORD, workspace_state=state
    )
    assert workspace_sign_in.web_app_address(interview, 3000) == address

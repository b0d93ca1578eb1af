"""Fixtures of the dashboard's tests: a signed-in client, and interviews in every status."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.derived_keys import list_key_of
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.webhooks import address_check
from operations.webhooks.models import Webhook
from tests.chromium import UseBrowser
from tests.dashboard.browser import OpenPage, open_page
from tests.dashboard.webhooks import make_webhook


@pytest.fixture(autouse=True)
def some_tables(request: pytest.FixtureRequest) -> None:
    """Create the tables for every test: every page reads them, and tests run in random order."""
    if "real_tables" not in request.fixturenames:
        request.getfixturevalue("tables")


@pytest.fixture
def staff_client(client: Client, staff: User) -> Client:
    """The client of a signed-in staff user."""
    client.force_login(staff)
    return client


@pytest.fixture
def browser_page(use_browser: UseBrowser) -> OpenPage:
    """Call it as `open_page`, whose first argument is given. The database is not there in the
    block."""
    return partial(open_page, use_browser)


@pytest.fixture
def regular(schedule: Callable[..., Interview]) -> Interview:
    """A scheduled live interview, which must not appear among take-home tests."""
    return schedule(candidate_name="Regular Rita")


@pytest.fixture
def live_in_state(schedule: Callable[..., Interview]) -> Callable[..., Interview]:
    """Factory of live interviews in a given status, written without the state machine."""

    def make(status: str, **attributes: Any) -> Interview:
        return _written(schedule(), status, attributes)

    return make


@pytest.fixture
def in_state(invite: Callable[..., Interview]) -> Callable[..., Interview]:
    """Factory of take-home tests in a given status, written without the state machine."""

    def make(status: str, **attributes: Any) -> Interview:
        return _written(invite(), status, attributes)

    return make


@pytest.fixture
def known_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host names for webhooks: one public, and one in the internal network."""
    known = {"hooks.example.com": ["93.184.216.34"], "inside.example.com": ["10.0.0.5"]}
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: known.get(host, []))


@pytest.fixture
def webhook(db: None) -> Webhook:
    return make_webhook()


def _written(interview: Interview, status: str, attributes: dict[str, Any]) -> Interview:
    interview.status = status
    interview.list_key = list_key_of(interview.type, Status(status))
    if status == Status.DESTROYING:
        # Without an operation, it would be an end that another portal started.
        interview.operation_id = "of-its-end"
    for name, value in attributes.items():
        setattr(interview, name, value)
    interview.save()
    return interview

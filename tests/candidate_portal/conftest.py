"""Interviews in any status."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import Status
from interviews.models import Interview
from takehome_platform.local_stack.config import LOOPBACK
from tests.conftest import fresh
from tests.web_server import web_server

URL = "http://workspace.test/secret-place/"
PASSWORD = "pass-word-of-them"


@pytest.fixture(scope="session")
def site(
    redis_url: str, dynamodb_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the platform without a worker."""
    folder = tmp_path_factory.mktemp("site")
    stores = {"REDIS_URL": redis_url, "DYNAMODB_ENDPOINT_URL": dynamodb_url}
    with web_server("daphne", folder, **stores) as port:
        yield f"http://{LOOPBACK}:{port}"


@pytest.fixture
def interview_in(invite: Callable[..., Interview]) -> Callable[..., Interview]:
    """Return a function that makes a take-home test of a status.

    Its row has URL and password in every status, as a faulty writer might leave them.
    """

    def call(status: Status, fields: dict[str, Any] | None = None, **changes: Any) -> Interview:
        interview = invite(**(fields or {}))
        changes = {
            "status": status.value,
            "access_url": URL,
            "password": PASSWORD,
            "auto_destroy_at": now() + timedelta(minutes=30),
            "timeline": [TimelineEntry(status=status.value, at=now(), by="test")],
            **changes,
        }
        # Bypasses the state machine, since tests need rows that no code would write.
        interview.update(
            actions=[getattr(Interview, name).set(value) for name, value in changes.items()]
        )
        return fresh(interview)

    return call

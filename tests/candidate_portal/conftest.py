"""A test in any status, and nobody throttled yet."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.indexes import TimelineEvent
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import rate_limit
from tests.conftest import fresh

URL = "http://workspace.test/secret-place/"
PASSWORD = "pass-word-of-them"


@pytest.fixture(autouse=True)
def nobody_throttled() -> Iterator[None]:
    rate_limit._counter.cache_clear()
    yield
    rate_limit._counter.cache_clear()


@pytest.fixture
def standing(invite: Callable[..., Interview]) -> Callable[..., Interview]:
    """Call it with a status: a take-home that stands so, with URL and password in its row, as a
    careless writer might have left them."""

    def call(status: Status, fields: dict[str, Any] | None = None, **changes: Any) -> Interview:
        interview = invite(**(fields or {}))
        changes = {
            "status": status.value,
            "access_url": URL,
            "password": PASSWORD,
            "auto_destroy_at": now() + timedelta(minutes=30),
            "timeline": [TimelineEvent(status=status.value, at=now(), by="test")],
            **changes,
        }
        # The one way past the state machine: a test may need a row that nobody would write.
        interview.update(
            actions=[getattr(Interview, name).set(value) for name, value in changes.items()]
        )
        return fresh(interview)

    return call

"""A challenge with checks, a submission of it, and a runner that runs nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interviews.challenges.models import Challenge, Version
from interviews.models import Interview
from operations.provisioners import checks as runners
from operations.worker import handler
from tests.checking import FakeRunner, save_checks, submit


@pytest.fixture
def check_runner(monkeypatch: pytest.MonkeyPatch, settings: Any) -> FakeRunner:
    runner = FakeRunner()
    monkeypatch.setitem(runners.RUNNERS, "fake", lambda: runner)
    settings.PROVISIONER = "fake"
    return runner


@pytest.fixture
def checked(challenge: Challenge) -> Version:
    return save_checks()


@pytest.fixture
def submitted(checked: Version, invite: Callable[..., Interview]) -> Interview:
    return submit(invite())


@pytest.fixture
def stopping() -> Iterator[None]:
    """The worker is being stopped."""
    handler.shutdown_requested.set()
    yield
    handler.shutdown_requested.clear()

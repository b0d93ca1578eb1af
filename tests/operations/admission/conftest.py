"""An engine with a limit, and starts for it."""

from collections.abc import Callable
from typing import Any

import pytest

from interviews.models import Interview
from operations import actions
from operations.admission import limits
from operations.admission.models import in_line
from operations.worker import runner
from tests.conftest import fresh, operation_of


@pytest.fixture
def set_limit(monkeypatch: pytest.MonkeyPatch, settings: Any, engine: Any) -> Callable[[int], None]:
    """Call it with the limit of the tests' engine."""
    monkeypatch.setitem(limits.SETTINGS, engine.name, "FAKE_MAX_WORKSPACES")

    def set_to(limit: int) -> None:
        settings.FAKE_MAX_WORKSPACES = limit

    return set_to


@pytest.fixture
def started(
    invite: Callable[[], Interview], set_limit: Callable[[int], None]
) -> Callable[[int, int], list[Interview]]:
    """Call it with the limit and a number, for so many tests whose Start was pressed in turn."""

    def start(limit: int, number: int) -> list[Interview]:
        set_limit(limit)
        tests = [invite() for _ in range(number)]
        for each in tests:
            press_start(each)
        return tests

    return start


def press_start(interview: Interview) -> Interview:
    """Press Start, and let a worker look at it once."""
    actions.activate(interview, by="candidate" if interview.is_take_home else "recruiter")
    return look(interview)


def look(interview: Interview) -> Interview:
    """Let a worker look at the interview's operation."""
    runner.run_operation(operation_of(interview).id)
    return fresh(interview)


def line_of(engine: str = "fake") -> list[str]:
    """The ids of the interviews in line, in order."""
    return list(in_line(engine).values_list("interview_id", flat=True))


def statuses(*interviews: Interview) -> list[str]:
    return [fresh(each).status for each in interviews]

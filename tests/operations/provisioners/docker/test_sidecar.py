"""When an editor counts as hung, by what the gate hears of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.provisioners.docker.naming import format_time
from operations.provisioners.docker.sidecar import STARTUP_TIME, is_unresponsive


class Editor:
    """Has run for so long."""

    def __init__(self, age: timedelta) -> None:
        self.attrs = {"State": {"StartedAt": format_time(datetime.now(UTC) - age)}}


class Gate:
    """A program in it ends so, and says that."""

    def __init__(self, code: int, said: bytes) -> None:
        self._answer = (code, said)

    def exec_run(self, command: list[str], *, stderr: bool) -> tuple[int, bytes]:
        return self._answer


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (0, b"HTTP/1.1 200", False),
        (0, b"HTTP/1.1 503", True),
        (0, b"", True),
        # Nobody listens; nobody answers in time, or not to the end.
        (1, b"", True),
        (124, b"", True),
        (124, b"HTTP/1.1 2", True),
        # The image has no such program.
        (126, b"OCI runtime exec failed", False),
        (127, b"timeout: failed to run command 'bash'", False),
    ],
)
def test_it_hangs_where_it_was_asked_and_did_not_say_that_all_is_well(
    code: int, said: bytes, expected: bool
) -> None:
    gate: Any = Gate(code, said)
    old: Any = Editor(STARTUP_TIME + timedelta(seconds=5))
    assert is_unresponsive(gate, old) is expected


def test_one_that_is_still_starting_has_not_hung() -> None:
    gate: Any = Gate(1, b"")
    young: Any = Editor(STARTUP_TIME - timedelta(seconds=30))
    assert is_unresponsive(gate, young) is False

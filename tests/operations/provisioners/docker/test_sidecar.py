"""When an editor counts as unresponsive, by the result of the sidecar's probe."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.provisioners.docker.naming import format_time
from operations.provisioners.docker.sidecar import STARTUP_TIME, is_unresponsive


class Editor:
    """An editor container of this age."""

    def __init__(self, age: timedelta) -> None:
        self.attrs = {"State": {"StartedAt": format_time(datetime.now(UTC) - age)}}


class Sidecar:
    """A sidecar in which every program has this exit code and output."""

    def __init__(self, code: int, output: bytes) -> None:
        self._result = (code, output)

    def exec_run(self, command: list[str], *, stderr: bool) -> tuple[int, bytes]:
        return self._result


@pytest.mark.parametrize(
    ("code", "output", "expected"),
    [
        (0, b"HTTP/1.1 200", False),
        (0, b"HTTP/1.1 503", True),
        (0, b"", True),
        # Connection refused; no response in time; an incomplete response.
        (1, b"", True),
        (124, b"", True),
        (124, b"HTTP/1.1 2", True),
        # The image has no such program.
        (126, b"OCI runtime exec failed", False),
        (127, b"timeout: failed to run command 'bash'", False),
    ],
)
def test_editor_is_unresponsive_if_the_probe_ran_and_did_not_return_200(
    code: int, output: bytes, expected: bool
) -> None:
    sidecar: Any = Sidecar(code, output)
    old: Any = Editor(STARTUP_TIME + timedelta(seconds=5))
    assert is_unresponsive(sidecar, old) is expected


def test_editor_that_is_still_starting_is_not_unresponsive() -> None:
    sidecar: Any = Sidecar(1, b"")
    young: Any = Editor(STARTUP_TIME - timedelta(seconds=30))
    assert is_unresponsive(sidecar, young) is False

"""The browser's script listens to the events that there are."""

import re

from operations.sse.subscription import STAFF_EVENTS
from takehome_platform.local_stack.config import ROOT


def test_the_script_knows_every_event_of_staff() -> None:
    """An EventSource hears a named event only if it listens to that name."""
    script = (ROOT / "static" / "shared" / "stream.js").read_text()
    (names,) = re.findall(r"const NAMES = \[(.*)\];", script)
    assert set(re.findall(r'"(\w+)"', names)) == STAFF_EVENTS

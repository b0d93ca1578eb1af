"""The form of a live interview, as the tests fill it in."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine


@pytest.fixture(autouse=True)
def spring() -> Any:
    """Before both of that year's clock changes in Europe."""
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=True):
        yield

"""Starts that were measured."""

import pytest

from operations.start_times import statistics


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    """This process has no cached estimate."""
    monkeypatch.setattr(statistics, "_usual", {})

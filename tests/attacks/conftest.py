"""Limits that no other test has used up."""

from collections.abc import Iterator

import pytest

from operations import rate_limit


@pytest.fixture(autouse=True)
def reset_rate_limiter() -> Iterator[None]:
    rate_limit._counter.cache_clear()
    yield
    rate_limit._counter.cache_clear()

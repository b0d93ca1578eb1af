"""The command and its answers."""

from typing import Any

import pytest

from interviews.dynamodb import now
from tests import legacy_rows
from tests.interviews.legacy.migration.conftest import every as every
from tests.interviews.legacy.migration.conftest import old as old


@pytest.fixture
def few(old: Any) -> Any:
    """Write three rows: two are readable, and one of those is running."""
    at = now()
    legacy_rows.put(
        old,
        "takehome",
        [
            legacy_rows.take_home("AAAAAAAA", at=at, score={"N": "7"}),
            legacy_rows.activated("BBBBBBBB", "takehome-1700000000001-abcd1", at=at),
            legacy_rows.take_home("CCCCCCCC", at=at, validUntil=None),
        ],
    )
    legacy_rows.put(
        old, "interviews", [legacy_rows.interview("takehome-1700000000001-abcd1", at=at)]
    )
    return old

"""Runs of the migration."""

from collections.abc import Iterator
from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.legacy.models import Takehome
from interviews.models import Interview
from tests import legacy_rows


@pytest.fixture
def old(challenge: Any, settings: Any) -> Iterator[Any]:
    """The DynamoDB client, with an old table beside the new ones."""
    settings.LEGACY_TAKEHOME_TABLE = "takehome"
    Takehome._connection = None
    client = Interview._get_connection().connection.client
    legacy_rows.create(client, "takehome")
    yield client
    Takehome._connection = None


@pytest.fixture
def every(old: Any) -> Any:
    """Write a row of every kind, readable or not."""
    at = now()
    legacy_rows.put(old, "takehome", legacy_rows.every_take_home(at).values())
    legacy_rows.put(old, "takehome", legacy_rows.unreadable(at).values())
    legacy_rows.put(old, "interviews", legacy_rows.interviews_of_them(at))
    legacy_rows.put(old, "interviews", legacy_rows.every_interview(at).values())
    return old

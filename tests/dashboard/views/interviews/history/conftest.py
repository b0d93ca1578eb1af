"""Rows and cells of the history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from interviews.attributes import TAKE_HOME
from interviews.models import Interview
from interviews.search.index import index_interview
from tests.dashboard.views.interviews.history.reading import NOW


@pytest.fixture
def ended(challenge: Any) -> Callable[..., Interview]:
    """Factory of interviews that ended some minutes ago."""
    made: list[Interview] = []

    def call(minutes: int = 0, **fields: Any) -> Interview:
        values = {
            "id": f"i-{len(made):03}",
            "type": TAKE_HOME,
            "status": "completed",
            "candidate_name": "Ada",
            "challenge": challenge.id,
            "duration_minutes": 60,
            "created_at": NOW - timedelta(days=1, minutes=minutes),
            "completed_at": NOW - timedelta(minutes=minutes),
        }
        interview = Interview(**{**values, **fields})
        index_interview(interview, challenge.name)
        interview.create(by="recruiter")
        made.append(interview)
        return interview

    return call

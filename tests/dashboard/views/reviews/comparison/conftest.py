"""Rows of the comparison."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.models import Interview
from tests.dashboard.views.reviews.comparison.rows import Finish
from tests.reviewing import finish


@pytest.fixture
def finished(invite: Callable[..., Interview]) -> Finish:
    """Call it with a name and how many hours ago the interview ended."""

    def call(name: str, hours: int = 0, **fields: Any) -> Interview:
        interview = finish(invite(candidate_name=name))
        interview.completed_at = now() - timedelta(hours=hours)
        for field, value in fields.items():
            setattr(interview, field, value)
        interview.save()
        return interview

    return call

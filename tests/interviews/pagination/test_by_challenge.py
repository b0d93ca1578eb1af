"""The ended interviews of one challenge, with the index and beside an old table."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.pagination import by_challenge
from interviews.pagination.by_challenge import ended_of_challenge
from interviews.pagination.history import Filters

NOW = now()
OVER = Filters(ended=True)


@pytest.fixture
def ended(tables: None) -> Callable[..., str]:
    """Return a function that makes an interview that ended some minutes ago, and gives its id."""
    numbers = itertools.count()

    def call(minutes: int = 0, challenge: str = "word-count", **fields: Any) -> str:
        interview = Interview(
            **{
                "id": f"i-{next(numbers):03}",
                "type": TAKE_HOME,
                "status": "completed",
                "candidate_name": "Ada",
                "challenge": challenge,
                "duration_minutes": 60,
                "created_at": NOW - timedelta(days=1),
                "completed_at": NOW - timedelta(minutes=minutes),
                **fields,
            }
        )
        interview.create(by="recruiter")
        return str(interview.id)

    return call


def found(filters: Filters = OVER, most: int = 10) -> tuple[list[str], bool]:
    rows, is_bounded = ended_of_challenge("word-count", filters, most=most)
    return [row.id for row in rows], is_bounded


def test_both_types_and_all_ends_the_newest_first(ended: Callable[..., str]) -> None:
    old = ended(3)
    ended(2, challenge="other")
    ended(2, type=DRY_RUN)
    ended(2, status="active", completed_at=None)
    live, revoked = ended(1, type=LIVE), ended(2, status="revoked")
    assert found() == ([live, revoked, old], False)


@pytest.mark.parametrize("legacy", [False, True])
def test_days_and_the_most(
    ended: Callable[..., str], legacy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_challenge, "is_enabled", lambda: legacy)
    new, middle, old = ended(1), ended(5), ended(9)
    ended(2, challenge="other")
    assert found() == ([new, middle, old], False)
    assert found(most=2) == ([new, middle], True)
    since = Filters(ended=True, since=NOW - timedelta(minutes=5))
    assert found(since) == ([new, middle], False)
    within = Filters(ended=True, since=since.since, until=NOW - timedelta(minutes=1))
    assert found(within) == ([middle], False)
    empty = Filters(ended=True, since=NOW, until=NOW)
    assert found(empty) == ([], False)


def test_beside_an_old_table_a_bounded_number_is_read(
    ended: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_challenge, "is_enabled", lambda: True)
    monkeypatch.setattr(by_challenge, "MAX_WITH_LEGACY", 1)
    for minute in range(101):
        ended(minute, challenge="other")
    ended(500)
    assert found() == ([], True)


def test_row_that_changed_since_it_was_indexed_is_left_out(
    ended: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, gone = ended(1), ended(2)
    reopened = Interview.get(gone)
    # As the index would have it a moment longer.
    indexed = list(Interview.challenge_index.query("word-count"))
    reopened.delete()
    monkeypatch.setattr(type(Interview.challenge_index), "query", lambda *_, **__: indexed)
    assert found() == ([stays], False)

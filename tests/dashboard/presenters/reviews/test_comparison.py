"""What the scores of a criterion say in words, and the line of progress."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.presenters.reviews.comparison import criterion_words, sparkline
from operations.comparison.distribution import CriterionScores
from operations.progress.summary import ProgressPoint


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((3,), "One score: 3."),
        ((3, 3), "All 2 scores are 3."),
        ((3, 4, 3), "All 3 scores are 3 or 4."),
        ((2, 4, 3), "3 scores, from 2 to 4."),
    ],
)
def test_words_say_how_scores_are_spread(scores: tuple[int, ...], words: str) -> None:
    counts = Counter(scores)
    assert criterion_words(CriterionScores("Tests", {n: counts[n] for n in (1, 2, 3, 4)})) == words


def test_progress_is_drawn_in_its_box_by_time() -> None:
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    points = [
        ProgressPoint(begin + timedelta(minutes=minute), added, 3)
        for minute, added in ((0, 0), (10, 120), (40, 150))
    ]
    line = sparkline(points)
    assert line is not None
    assert (line.path, line.added, line.deleted) == ("M0.0 24.0L25.0 4.8L100.0 0.0", 150, 3)
    assert sparkline(points[:1]) is None


def test_progress_without_a_change_of_lines_or_time_is_drawn_too() -> None:
    point = ProgressPoint(datetime(2030, 1, 1, tzinfo=UTC), 0, 0)
    line = sparkline([point, point])
    assert line is not None
    assert line.path == "M100.0 24.0L100.0 24.0"

"""What the scores of a criterion say, in words."""

from collections import Counter

import pytest

from dashboard.presenters.reviews.comparison import criterion_words
from operations.comparison.distribution import CriterionScores


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

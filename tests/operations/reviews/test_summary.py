"""Weighted means and spread, and the places that comments point at."""

from interviews.challenges.criteria import Criterion
from operations.reviews.models import Recommendation, Review
from operations.reviews.schemas import place_of
from operations.reviews.summary import summarize

CRITERIA = (Criterion("Correctness", "", 3), Criterion("Tests", "", 1))


def review(correctness: int | None, tests: int | None, recommendation: str = "yes") -> Review:
    rows = [("Correctness", correctness), ("Tests", tests)]
    scores = [{"criterion": name, "score": score, "note": ""} for name, score in rows]
    return Review(scores=scores, recommendation=recommendation)


def test_means_are_weighted() -> None:
    summary = summarize([review(4, 2), review(2, 2, "strong_no")], CRITERIA)
    assert summary.means == [3.5, 2.0]
    assert (summary.mean, summary.spread) == (2.75, 1.5)
    assert [line.mean for line in summary.lines] == [3, 2]
    assert [line.is_wide for line in summary.lines] == [True, False]
    assert summary.recommendations == [(Recommendation.YES, 1), (Recommendation.STRONG_NO, 1)]


def test_without_scores_there_is_no_mean() -> None:
    summary = summarize([review(None, 3), review(None, None)], CRITERIA)
    assert summary.means == [3.0, None]
    assert summary.lines[0].mean is None
    assert summarize([review(4, 4)], ()).mean is None


def test_places() -> None:
    assert place_of("src/app.py:42") == ("src/app.py", 42)
    assert place_of("src/app.py") == ("src/app.py", None)
    assert place_of("odd:name.py") == ("odd:name.py", None)
    assert place_of("") == ("", None)
    for wrong in ("/etc/passwd", "../x", "a/../../x:3", "a.py:0", "a\nb"):
        assert place_of(wrong) is None

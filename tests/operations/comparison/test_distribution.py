"""How candidates are spread over scores, time and decisions."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from operations.checks.summary import CheckCount, CheckSummary
from operations.comparison.candidates import Candidate, TimeUsed
from operations.comparison.distribution import CriterionScores, distribution_of
from operations.reviews.summary import Cell, CriterionLine, Summary

HOUR = timedelta(hours=1)


def candidate(
    *scores: int, share: float | None = None, outcome: str = "", name: str = "Tests"
) -> Candidate:
    time = None if share is None else TimeUsed(share * HOUR, HOUR)
    line = CriterionLine(Criterion(name, "", 1), [Cell(score, "") for score in scores])
    summary = Summary([], [line], [], []) if scores else None
    return Candidate(cast(Interview, None), time, summary, hides_scores=False, outcome=outcome)


def counts(*scores: int) -> CriterionScores:
    return distribution_of([candidate(each) for each in scores]).criteria[0]


def test_scores_are_counted_by_name_of_the_criterion() -> None:
    rows = [candidate(4, 3), candidate(3), candidate(), candidate(1, name="Style")]
    first, second = distribution_of(rows).criteria
    assert (first.name, first.counts) == ("Tests", {1: 0, 2: 0, 3: 2, 4: 1})
    assert (second.name, second.counts) == ("Style", {1: 1, 2: 0, 3: 0, 4: 0})


def test_time_is_counted_by_quarter_and_all_of_it_apart() -> None:
    shares = (0, 0.24, 0.25, 0.5, 0.75, 0.98, 0.995, 1.1, None)
    found = distribution_of([candidate(share=each) for each in shares])
    assert found.time == [2, 1, 1, 2, 2]
    assert found.timed == 8


def test_decisions_have_every_outcome_also_one_of_another_version() -> None:
    outcomes = ("advance", "advance", "", "waitlist")
    found = distribution_of([candidate(outcome=each) for each in outcomes])
    assert found.decisions == {"advance": 2, "hold": 0, "reject": 0, "waitlist": 1, "": 1}


@pytest.mark.parametrize(
    ("scores", "is_flat"),
    [((3, 3, 3, 3), False), ((3, 4, 3, 3, 4), True), ((2, 4, 3, 3, 4), False)],
)
def test_criterion_with_neighbouring_scores_alone_is_flat(
    scores: tuple[int, ...], is_flat: bool
) -> None:
    assert counts(*scores).is_flat is is_flat


def test_checks_count_who_passed_all_of_their_tests() -> None:
    def checked(*checks: CheckCount) -> Candidate:
        summary = CheckSummary("i", "word-count", 1, 0, 0, checks)
        return replace(candidate(), checks=summary)

    rows = [
        checked(CheckCount("Units", 3, 3, ""), CheckCount("Style", 1, 2, "")),
        checked(CheckCount("Units", 2, 3, "")),
        # It was ended, or has no tests at all.
        checked(CheckCount("Units", 3, 3, "time"), CheckCount("Style", 0, 0, "")),
        candidate(),
    ]
    found = [(each.name, each.passed, each.total) for each in distribution_of(rows).checks]
    assert found == [("Units", 1, 3), ("Style", 0, 2)]

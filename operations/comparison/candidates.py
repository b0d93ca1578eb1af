"""What is compared of each candidate: the time, the checks, the scores and the decision.

The scores of a candidate are those that the viewer may see (`operations.reviews.access`). Where
they are hidden, nothing here depends on them: no order, no mean and no distribution.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from interviews.sittings import sittings_of
from operations.checks.summary import CheckSummary, summaries
from operations.reviews import cases
from operations.reviews.access import Viewer, visible_reviews_of
from operations.reviews.decisions import latest_decisions
from operations.reviews.summary import Summary, summarize

# One that used this share of the time is counted among those who used all of it: the workspace
# ends some seconds before or after the time is up.
WHOLE = 0.99


@dataclass(frozen=True)
class TimeUsed:
    """The time in the workspace, without pauses, of the time that was given, with all that staff
    added; the sum of all sittings."""

    used: timedelta
    given: timedelta

    @property
    def share(self) -> float:
        """1 for all of the time."""
        return self.used / self.given if self.given else 1.0

    @property
    def is_whole(self) -> bool:
        return self.share >= WHOLE


@dataclass(frozen=True)
class Candidate:
    """A candidate who had a workspace, and ended.

    `scores` is None if there are none, or if `hides_scores`: then the viewer may not know which.
    `outcome` is the code of the decision, or "".
    """

    interview: Interview
    time: TimeUsed | None
    scores: Summary | None
    hides_scores: bool
    outcome: str
    # The latest finished run of the checks.
    checks: CheckSummary | None = None

    @property
    def checks_share(self) -> float | None:
        """The share of tests that passed, 1 for all; None without a run."""
        checks = self.checks
        if checks is None:
            return None
        return checks.passed / checks.total if checks.total else 0.0

    @property
    def has_comparable_checks(self) -> bool:
        """False as well if nothing says which tests there had to be: the report has chosen them."""
        return self.checks is not None and self.checks.is_compared is not False

    @property
    def mean(self) -> float | None:
        """The mean of the reviews' weighted means."""
        return self.scores.mean if self.scores is not None else None

    @property
    def spread(self) -> float | None:
        """Between the highest and the lowest weighted mean; None with fewer than two."""
        scores = self.scores
        has_two = scores is not None and sum(each is not None for each in scores.means) > 1
        return scores.spread if scores is not None and has_two else None

    @property
    def reviews(self) -> int:
        """How many of the submitted reviews the viewer may see."""
        return len(self.scores.reviews) if self.scores is not None else 0


def read_candidates(interviews: Iterable[Interview], viewer: Viewer) -> list[Candidate]:
    """In their order, with five queries at most for all: those that were begun and are over."""
    compared = [each for each in interviews if cases.is_reviewable(each)]
    scores = visible_scores((each.id for each in compared), viewer)
    decided = latest_decisions(each.id for each in compared)
    checked = summaries(each.id for each in compared)
    return [
        Candidate(
            each,
            time_used(each),
            scores[each.id].summary,
            scores[each.id].is_hidden,
            decided[each.id].outcome if each.id in decided else "",
            checked.get(each.id),
        )
        for each in compared
    ]


@dataclass(frozen=True)
class VisibleScores:
    """The submitted reviews of an interview; `summary` is None if there are none, or it hides."""

    summary: Summary | None
    is_hidden: bool


def visible_scores(interview_ids: Iterable[str], viewer: Viewer) -> dict[str, VisibleScores]:
    """The scores that the viewer may see, by the interview's id, in two queries for all."""
    visible = visible_reviews_of(interview_ids, viewer)
    shown = {id_: each.submitted for id_, each in visible.items() if each.submitted}
    criteria: dict[str, tuple[Criterion, ...]] = cases.pinned_criteria_of(shown) if shown else {}
    return {
        id_: VisibleScores(
            summarize(each.submitted, criteria.get(id_, ())) if each.submitted else None,
            is_hidden=not each.shows_others,
        )
        for id_, each in visible.items()
    }


def time_used(interview: Interview) -> TimeUsed | None:
    """None if the candidate never had the workspace, or nothing is known of it."""
    known = [
        (each.worked, each.length)
        for each in sittings_of(interview)
        if each.worked is not None and each.length is not None
    ]
    if not known:
        return None
    used = sum((worked for worked, _length in known), timedelta())
    return TimeUsed(used, sum((length for _worked, length in known), timedelta()))

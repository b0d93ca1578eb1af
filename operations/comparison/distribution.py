"""How the candidates of a challenge are spread: scores, checks, time, decisions. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from operations.comparison.candidates import Candidate
from operations.reviews.models import SCORES, Outcome

# The shares of the time at which a bar ends. Who used all of it has a bar of their own.
TIME_STEPS = (0.25, 0.5, 0.75)
# The count of candidates without a decision.
UNDECIDED = ""
# With fewer scores, nothing is said about a criterion.
ENOUGH_SCORES = 5


@dataclass(frozen=True)
class CriterionScores:
    """How often each score was given for a criterion, by all reviewers of all candidates."""

    name: str
    counts: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def given(self) -> list[int]:
        """The scores that were given, from the lowest."""
        return [score for score, count in self.counts.items() if count]

    @property
    def is_flat(self) -> bool:
        """True if all scores are alike or neighbours: the criterion tells nobody apart."""
        return self.total >= ENOUGH_SCORES and self.given[-1] - self.given[0] <= 1


@dataclass(frozen=True)
class CheckPasses:
    """How many candidates passed all tests of a check, of those on whom it was run."""

    name: str
    passed: int
    total: int


@dataclass(frozen=True)
class Distribution:
    """`time` counts candidates by quarter of the time that they used, and at the end those who
    used all of it. `decisions` counts them by the code of the decision, "" for none yet."""

    criteria: list[CriterionScores]
    time: list[int]
    decisions: dict[str, int]
    checks: list[CheckPasses]

    @property
    def timed(self) -> int:
        return sum(self.time)


def distribution_of(candidates: Sequence[Candidate]) -> Distribution:
    outcomes = [each.outcome for each in candidates]
    codes = [*Outcome.values, *sorted({*outcomes} - {*Outcome.values, UNDECIDED}), UNDECIDED]
    return Distribution(
        _criteria(candidates),
        _time(candidates),
        {code: outcomes.count(code) for code in codes},
        _checks(candidates),
    )


def _criteria(candidates: Iterable[Candidate]) -> list[CriterionScores]:
    """By name, as versions may differ in them; in the order of the newest interview's."""
    counts: dict[str, dict[int, int]] = {}
    for candidate in candidates:
        for line in candidate.scores.lines if candidate.scores is not None else ():
            known = counts.setdefault(line.criterion.name, dict.fromkeys(SCORES, 0))
            for score in line.scores:
                known[score] = known.get(score, 0) + 1
    return [CriterionScores(name, each) for name, each in counts.items() if any(each.values())]


def _checks(candidates: Iterable[Candidate]) -> list[CheckPasses]:
    """By name, as versions may differ in them; in the order of the newest interview's."""
    counts: dict[str, list[int]] = {}
    for candidate in candidates:
        for check in candidate.checks.checks if candidate.checks is not None else ():
            count = counts.setdefault(check.name, [0, 0])
            count[0] += not check.problem and check.total > 0 and check.passed == check.total
            count[1] += 1
    return [CheckPasses(name, passed, total) for name, (passed, total) in counts.items()]


def _time(candidates: Iterable[Candidate]) -> list[int]:
    counts = [0] * (len(TIME_STEPS) + 2)
    for candidate in candidates:
        if candidate.time is None:
            continue
        if candidate.time.is_whole:
            counts[-1] += 1
        else:
            counts[sum(candidate.time.share >= step for step in TIME_STEPS)] += 1
    return counts

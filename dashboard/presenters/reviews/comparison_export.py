"""A challenge's comparison as rows of a spreadsheet, one for each candidate."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from operations.checks.summary import CheckCount
from operations.comparison.candidates import Candidate
from operations.progress.summary import ChangedLines, changed_lines_of

HEADER = (
    "interview_id",
    "candidate_name",
    "challenge_version",
    "invited_by",
    "ended_at",
    "used_minutes",
    "given_minutes",
    "checks_passed",
    "checks_total",
    "checks_compared",
    "checks_version",
    "reviews",
    "weighted_mean",
    "spread",
    "decision",
    "lines_added",
    "lines_deleted",
)


def comparison_rows(candidates: Sequence[Candidate]) -> Iterator[tuple[object, ...]]:
    """The header and the rows; behind them each check and the mean of each criterion, by name."""
    names = list(
        dict.fromkeys(
            line.criterion.name
            for each in candidates
            if each.scores is not None
            for line in each.scores.lines
        )
    )
    checks = list(dict.fromkeys(count.name for each in candidates for count in _counts(each)))
    lines = changed_lines_of(each.interview.id for each in candidates)
    yield (
        *HEADER,
        *(f"check: {name}" for name in checks),
        *(f"score: {name}" for name in names),
    )
    for each in candidates:
        changed = lines.get(each.interview.id)
        yield (*_cells(each, changed), *_passed(each, checks), *_means(each, names))


def _cells(each: Candidate, changed: ChangedLines | None) -> tuple[object, ...]:
    version = each.interview.challenge_version
    return (
        each.interview.id,
        each.interview.candidate_name,
        None if version is None else int(version),
        each.interview.created_by,
        each.interview.completed_at,
        _minutes(each.time.used) if each.time is not None else None,
        _minutes(each.time.given) if each.time is not None else None,
        each.checks.passed if each.checks is not None else None,
        each.checks.total if each.checks is not None else None,
        _yes_or_no(each.checks.is_compared) if each.checks is not None else None,
        each.checks.version if each.checks is not None else None,
        # Unknown is not none.
        None if each.hides_scores else each.reviews,
        _decimal(each.mean),
        _decimal(each.spread),
        each.outcome or None,
        changed.added if changed is not None else None,
        changed.deleted if changed is not None else None,
    )


def _counts(each: Candidate) -> Sequence[CheckCount]:
    return each.checks.checks if each.checks is not None else ()


def _passed(each: Candidate, names: Sequence[str]) -> tuple[str | None, ...]:
    """ "1 of 3" tests, as a spreadsheet makes a date of 1/3; or the code of why there are none."""
    passed = {
        count.name: count.problem or f"{count.passed} of {count.total}" for count in _counts(each)
    }
    return tuple(passed.get(name) for name in names)


def _means(each: Candidate, names: Sequence[str]) -> tuple[object, ...]:
    lines = each.scores.lines if each.scores is not None else ()
    means = {line.criterion.name: line.mean for line in lines}
    return tuple(_decimal(means.get(name)) for name in names)


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")


def _minutes(length: timedelta) -> str:
    """Minutes with one decimal: "45.0"."""
    return f"{length.total_seconds() / 60:.1f}"


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"

"""View models of a challenge's comparison: its columns, its rows, and its distributions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.filters.comparison import (
    DEFAULT_SORT,
    DESCENDING,
    PAGE_SIZE,
    SORT_LABELS,
    Comparison,
    ComparisonQuery,
    Sort,
)
from dashboard.filters.filtered_list import FilteredList
from dashboard.presenters import durations
from dashboard.presenters.reviews.page import outcome_label
from operations.comparison.candidates import Candidate
from operations.comparison.distribution import CriterionScores, Distribution, distribution_of
from operations.progress.summary import ProgressPoint, points_of
from operations.reviews.access import Viewer

# By these the greatest comes first when somebody sorts.
GREATEST_FIRST = (Sort.CHECKS, Sort.SCORE, Sort.SPREAD, Sort.ENDED)
SCORE_SORTS = (Sort.SCORE, Sort.SPREAD)
# The box of a line of progress.
WIDTH, HEIGHT = 100, 24
# In the order of `Distribution.time`.
TIME_LABELS = (
    gettext_lazy("Up to a quarter"),
    gettext_lazy("Up to half"),
    gettext_lazy("Up to three quarters"),
    gettext_lazy("More, but not all"),
    gettext_lazy("All of it"),
)


@dataclass(frozen=True)
class Column:
    """The head of a column; `url` sorts by it. `order` is the value of aria-sort, or ""."""

    name: str
    label: Any
    url: str
    order: str = ""


@dataclass(frozen=True)
class Sparkline:
    """Lines added over time, as a path in a box of WIDTH by HEIGHT; and how many were added and
    deleted in the end."""

    path: str
    added: int
    deleted: int


@dataclass(frozen=True)
class CandidateLine:
    """A candidate as a row; `share` is how much of the time was used, 0 to 100."""

    candidate: Candidate
    used: str
    given: str
    share: int
    progress: Sparkline | None = None

    @property
    def name(self) -> str:
        return str(self.candidate.interview.candidate_name)


@dataclass(frozen=True)
class Bar:
    """A count, and its share of all in percent."""

    label: Any
    count: int
    percent: int
    # What stands beside it in place of the count.
    words: str = ""

    @property
    def rest(self) -> int:
        """What of a whole column is above it."""
        return 100 - self.percent


@dataclass(frozen=True)
class CriterionBars:
    """The scores of a criterion, a bar for each, and what they say."""

    name: str
    bars: list[Bar]
    words: str
    is_flat: bool


@dataclass(frozen=True)
class ComparisonPage:
    """All of it. `shows_scores` is False for who may see none."""

    query: ComparisonQuery
    comparison: Comparison
    columns: list[Column]
    lines: list[CandidateLine]
    distribution: Distribution
    shows_scores: bool
    may_review: bool
    previous_url: str
    next_url: str

    @property
    def first(self) -> int:
        """The place of the first row, from 1."""
        return (self.query.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def total(self) -> int:
        return len(self.comparison.candidates)

    @property
    def versions(self) -> list[int]:
        """Those that the interviews have, the newest first."""
        numbers = {each.challenge_version for each in self.comparison.interviews}
        return sorted((int(each) for each in numbers if each is not None), reverse=True)

    @property
    def check_versions(self) -> list[int]:
        """Those whose checks were run last on somebody, the newest first."""
        found = {each.checks.version for each in self.comparison.candidates if each.checks}
        return sorted(found, reverse=True)

    @property
    def mixes_checks(self) -> bool:
        """True if some results are of other checks than the rest."""
        return len(self.check_versions) > 1

    @property
    def inviters(self) -> list[str]:
        return sorted({each.created_by for each in self.comparison.interviews if each.created_by})

    @property
    def criteria(self) -> list[CriterionBars]:
        return [_criterion_bars(each) for each in self.distribution.criteria]

    @property
    def time(self) -> list[Bar]:
        return _bars(zip(TIME_LABELS, self.distribution.time, strict=True))

    @property
    def time_words(self) -> str:
        whole, timed = self.distribution.time[-1], self.distribution.timed
        text = ngettext(
            "%(whole)s of %(n)s candidate used all of the time.",
            "%(whole)s of %(n)s candidates used all of the time.",
            timed,
        )
        return text % {"whole": whole, "n": timed}

    @property
    def checks(self) -> list[Bar]:
        """Those who passed, of those on whom a check was run."""
        return [
            Bar(
                each.name,
                each.passed,
                round(100 * each.passed / each.total),
                _("%(passed)s of %(n)s") % {"passed": each.passed, "n": each.total},
            )
            for each in self.distribution.checks
        ]

    @property
    def decisions(self) -> list[Bar]:
        return _bars(
            (outcome_label(code) if code else _("None yet"), count)
            for code, count in self.distribution.decisions.items()
        )


def comparison_page(
    listing: FilteredList[ComparisonQuery], challenge_id: str, viewer: Viewer
) -> ComparisonPage:
    """The page that this query asks for."""
    query = listing.query
    shows_scores = viewer.may_review or viewer.may_decide
    if not shows_scores and _sort_of(query) in SCORE_SORTS:
        # It would be an order by nothing.
        query = query.model_copy(update={"sort": DEFAULT_SORT})
    comparison = query.compare(challenge_id, viewer)
    has_next = query.page < comparison.pages
    return ComparisonPage(
        query,
        comparison,
        _columns(listing, query, shows_scores=shows_scores),
        _lines(comparison.page(query.page)),
        distribution_of(comparison.candidates),
        shows_scores,
        viewer.may_review,
        _page_url(listing, query.page - 1) if query.page > 1 else "",
        _page_url(listing, query.page + 1) if has_next else "",
    )


def _lines(candidates: Sequence[Candidate]) -> list[CandidateLine]:
    # Of this page alone: an interview has many points.
    points = points_of(each.interview.id for each in candidates)
    return [_line(each, sparkline(points.get(each.interview.id, ()))) for each in candidates]


def _line(candidate: Candidate, progress: Sparkline | None) -> CandidateLine:
    time = candidate.time
    if time is None:
        return CandidateLine(candidate, "", "", 0, progress)
    return CandidateLine(
        candidate,
        durations.minutes_rounded(time.used),
        durations.minutes_rounded(time.given),
        min(100, round(100 * time.share)),
        progress,
    )


def sparkline(points: Sequence[ProgressPoint]) -> Sparkline | None:
    """The line through these points, oldest first; None for fewer than two."""
    if len(points) < 2:
        return None
    begin, end = points[0].at, points[-1].at
    high = points[-1].added
    shown = [
        (
            WIDTH * ((each.at - begin) / (end - begin) if end > begin else 1),
            HEIGHT - HEIGHT * each.added / max(high, 1),
        )
        for each in points
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shown)
    return Sparkline(path, high, points[-1].deleted)


def _sort_of(query: ComparisonQuery) -> Sort:
    return Sort(query.sort.removeprefix(DESCENDING))


def _columns(
    listing: FilteredList[ComparisonQuery], query: ComparisonQuery, *, shows_scores: bool
) -> list[Column]:
    columns = []
    for name, label in SORT_LABELS.items():
        sort = Sort(name)
        if sort in SCORE_SORTS and not shows_scores:
            continue
        is_descending = query.sort.startswith(DESCENDING)
        is_chosen = _sort_of(query) is sort
        goes_down = not is_descending if is_chosen else sort in GREATEST_FIRST
        order = ("descending" if is_descending else "ascending") if is_chosen else ""
        value = f"{DESCENDING if goes_down else ''}{name}"
        columns.append(Column(name, label, listing.url_with(sort=value), order))
    return columns


def _page_url(listing: FilteredList[ComparisonQuery], number: int) -> str:
    return listing.url_with(page=str(number) if number > 1 else "")


def _criterion_bars(criterion: CriterionScores) -> CriterionBars:
    bars = _bars(criterion.counts.items())
    return CriterionBars(criterion.name, bars, criterion_words(criterion), criterion.is_flat)


def criterion_words(criterion: CriterionScores) -> str:
    """How the scores of a criterion are spread: "All 12 scores are 3 or 4."."""
    given, total = criterion.given, criterion.total
    if total == 1:
        return _("One score: %(score)s.") % {"score": given[0]}
    shown = {"n": total, "low": given[0], "high": given[-1]}
    if given[0] == given[-1]:
        return _("All %(n)s scores are %(low)s.") % shown
    if given[-1] - given[0] == 1:
        return _("All %(n)s scores are %(low)s or %(high)s.") % shown
    return _("%(n)s scores, from %(low)s to %(high)s.") % shown


def _bars(counts: Iterable[tuple[Any, int]]) -> list[Bar]:
    pairs = list(counts)
    total = sum(count for _label, count in pairs)
    return [Bar(label, count, round(100 * count / total) if total else 0) for label, count in pairs]

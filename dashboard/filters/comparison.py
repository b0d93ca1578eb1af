"""Filters and order of a challenge's comparison, with one set of rules for page, file and API."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field

from dashboard.filters.date_range import DateRangeFilter
from dashboard.filters.history import DECISIONS, UNDECIDED, Decided
from interviews.models import Interview
from interviews.pagination.by_challenge import ended_of_challenge
from interviews.pagination.history import Filters
from interviews.schemas.fields import WholeNumber
from interviews.schemas.limits import MAX_USERNAME
from interviews.schemas.validators import none_if_blank
from operations.comparison.candidates import Candidate, read_candidates
from operations.reviews.access import Viewer
from operations.reviews.hidden_names import shown_to

# No index has scores or decisions: so many interviews are read to sort them, the newest, and no
# more.
MAX_COMPARED = 1_000
PAGE_SIZE = 100
DESCENDING = "-"


class Sort(StrEnum):
    ENDED = "ended"
    CANDIDATE = "candidate"
    TIME = "time"
    CHECKS = "checks"
    SCORE = "score"
    SPREAD = "spread"
    DECISION = "decision"


SORTS = [f"{sign}{each.value}" for each in Sort for sign in ("", DESCENDING)]
# The most recent end first.
DEFAULT_SORT = f"{DESCENDING}{Sort.ENDED}"


def _sort(value: Any) -> str:
    if value and value not in SORTS:
        raise ValueError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(SORTS)})
    return value or DEFAULT_SORT


@dataclass(frozen=True)
class Comparison:
    """The candidates that match, in order. `interviews` has all that were read before the filters,
    and `not_begun` counts those of them that ended without having been started. `is_bounded` says
    that there are older ones."""

    candidates: list[Candidate]
    interviews: list[Interview]
    not_begun: int
    is_bounded: bool

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.candidates) // PAGE_SIZE))

    def page(self, number: int) -> list[Candidate]:
        """One page of the candidates, the first is 1; none behind the last."""
        return self.candidates[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


class ComparisonQuery(DateRangeFilter):
    """All of it may be left out, or empty. The days of the end are the zone's, both included."""

    version: Annotated[
        Annotated[WholeNumber, Field(ge=1, lt=10**9)] | None, BeforeValidator(none_if_blank)
    ] = None
    by: Annotated[str, Field(max_length=MAX_USERNAME, description="Who invited")] = ""
    decision: Decided = ""
    sort: Annotated[
        str,
        BeforeValidator(_sort),
        Field(description=f"{', '.join(Sort)}; with - the greatest first. What has none is last"),
    ] = DEFAULT_SORT
    page: Annotated[
        Annotated[WholeNumber, Field(ge=1, lt=10**6)],
        BeforeValidator(lambda value: none_if_blank(value) or 1),
    ] = 1

    def compare(self, challenge_id: str, viewer: Viewer) -> Comparison:
        """Read, filter and sort the candidates of a challenge as the viewer may see them."""
        filters = Filters(since=self.since, until=self.until, ended=True)
        ended, is_bounded = ended_of_challenge(challenge_id, filters, most=MAX_COMPARED)
        # Before it is sorted: the order tells no hidden name.
        read = shown_to(viewer, ended)
        wanted = [each for each in read if self._matches(each)]
        begun = read_candidates(wanted, viewer)
        found = [each for each in begun if self._is_decided(each)]
        return Comparison(self._sorted(found), read, len(wanted) - len(begun), is_bounded)

    def _matches(self, interview: Interview) -> bool:
        version = interview.challenge_version
        return (self.version is None or version == self.version) and (
            self.by in ("", interview.created_by)
        )

    def _is_decided(self, candidate: Candidate) -> bool:
        return self.decision in ("", candidate.outcome or UNDECIDED)

    def _sorted(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """In order; who has no such value, or whose value is hidden, comes last either way.

        By checks, those that nothing was compared with come after the others, in their order.
        """
        sort = Sort(self.sort.removeprefix(DESCENDING))
        key = _KEYS[sort]
        keyed = [(key(each), each) for each in candidates]
        known = [(value, each) for value, each in keyed if value is not None]
        known.sort(key=lambda pair: pair[0], reverse=self.sort.startswith(DESCENDING))
        if sort is Sort.CHECKS:
            known.sort(key=lambda pair: not pair[1].has_comparable_checks)
        return [each for _value, each in known] + [each for value, each in keyed if value is None]


_ORDER = list(DECISIONS)
_KEYS: dict[Sort, Callable[[Candidate], Any]] = {
    Sort.ENDED: lambda each: each.interview.completed_at,
    Sort.CANDIDATE: lambda each: each.interview.candidate_name.casefold(),
    Sort.TIME: lambda each: each.time.used if each.time is not None else None,
    Sort.CHECKS: lambda each: each.checks_share,
    Sort.SCORE: lambda each: each.mean,
    # One review has no spread.
    Sort.SPREAD: lambda each: each.spread,
    Sort.DECISION: lambda each: _ORDER.index(each.outcome) if each.outcome in _ORDER else None,
}
SORT_LABELS: dict[str, Any] = {
    Sort.CANDIDATE.value: gettext_lazy("Candidate"),
    Sort.TIME.value: gettext_lazy("Time used"),
    Sort.CHECKS.value: gettext_lazy("Checks"),
    Sort.SCORE.value: gettext_lazy("Score"),
    Sort.SPREAD.value: gettext_lazy("Spread"),
    Sort.DECISION.value: gettext_lazy("Decision"),
    Sort.ENDED.value: gettext_lazy("Ended"),
}

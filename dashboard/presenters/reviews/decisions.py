"""The decision on a candidate in lists of the API, read in one query for a page."""

from collections.abc import Iterable

from django.http import HttpRequest

from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations.reviews.decisions import latest_decisions


def read_decisions(request: HttpRequest, interviews: Iterable[Interview]) -> None:
    """Read the decisions on these at once, for `decision_of`."""
    ids = [each.id for each in interviews]
    decided = latest_decisions(ids)
    request.decisions = {  # type: ignore[attr-defined]
        each: decided[each].outcome if each in decided else None for each in ids
    }


def decision_of(interview: Interview, request: HttpRequest | None) -> str | None:
    """The outcome, or None. Before the end there is none."""
    if interview.state not in FINAL:
        return None
    known: dict[str, str | None] = getattr(request, "decisions", {})
    if interview.id in known:
        return known[interview.id]
    decided = latest_decisions([interview.id])
    return decided[interview.id].outcome if decided else None

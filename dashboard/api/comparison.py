"""The candidates of a challenge side by side, in the staff API."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from dashboard.api.auth import needs
from dashboard.api.schemas.comparison import ComparisonOut
from dashboard.api.schemas.responses import REFUSED
from dashboard.filters.comparison import ComparisonQuery
from dashboard.filters.history import UNDECIDED
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import challenge_or_404
from operations.checks.summary import CheckCount
from operations.comparison.candidates import Candidate
from operations.comparison.distribution import Distribution, distribution_of
from operations.progress.summary import ChangedLines, changed_lines_of

router = Router(by_alias=True, tags=["Challenges"])


@router.get("/challenges/{challenge_id}/comparison", response={200: ComparisonOut, **REFUSED})
@needs(Permission.VIEW)
def comparison(
    request: HttpRequest, challenge_id: str, query: Query[ComparisonQuery]
) -> dict[str, Any]:
    """The candidates who finished a challenge, 100 at a time: the 1,000 that ended last, or that
    ended on these days. Scores are those that you may see."""
    found = query.compare(challenge_or_404(challenge_id).id, viewer_of(request))
    shown = found.page(query.page)
    lines = changed_lines_of(each.interview.id for each in shown)
    return {
        "items": [_candidate_out(each, lines.get(each.interview.id)) for each in shown],
        "total": len(found.candidates),
        "pages": found.pages,
        "not_begun": found.not_begun,
        "bounded": found.is_bounded,
        "distribution": _distribution_out(distribution_of(found.candidates)),
    }


def _candidate_out(each: Candidate, changed: ChangedLines | None) -> dict[str, Any]:
    interview, time = each.interview, each.time
    version = interview.challenge_version
    return {
        "interview_id": interview.id,
        "candidate_name": interview.candidate_name,
        "challenge_version": None if version is None else int(version),
        "invited_by": interview.created_by,
        "ended_at": interview.completed_at,
        "used_seconds": _seconds(time.used) if time is not None else None,
        "given_seconds": _seconds(time.given) if time is not None else None,
        "checks_passed": each.checks.passed if each.checks is not None else None,
        "checks_total": each.checks.total if each.checks is not None else None,
        "checks_compared": each.checks.is_compared if each.checks is not None else None,
        "checks_version": each.checks.version if each.checks is not None else None,
        "checks": [_check_out(count) for count in each.checks.checks] if each.checks else [],
        "lines_added": changed.added if changed is not None else None,
        "lines_deleted": changed.deleted if changed is not None else None,
        "scores_hidden": each.hides_scores,
        "reviews": None if each.hides_scores else each.reviews,
        "weighted_mean": each.mean,
        "spread": each.spread,
        "decision": each.outcome or None,
    }


def _check_out(count: CheckCount) -> dict[str, Any]:
    return {
        "check": count.name,
        "passed": count.passed,
        "total": count.total,
        "problem": count.problem or None,
    }


def _distribution_out(distribution: Distribution) -> dict[str, Any]:
    return {
        "criteria": [
            {
                "criterion": each.name,
                "counts": {str(score): count for score, count in each.counts.items()},
                "flat": each.is_flat,
            }
            for each in distribution.criteria
        ],
        "checks": [
            {"check": each.name, "passed": each.passed, "total": each.total}
            for each in distribution.checks
        ],
        "time_used": distribution.time,
        "decisions": {code or UNDECIDED: count for code, count in distribution.decisions.items()},
    }


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())

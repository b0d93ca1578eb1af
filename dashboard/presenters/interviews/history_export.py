"""The history as rows of a spreadsheet, one for each sitting."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from interviews.attributes import LIVE
from interviews.models import Interview
from interviews.sittings import Sitting, sittings_of
from operations.archives.archive import archives_of_sittings
from operations.comparison.candidates import VisibleScores, visible_scores
from operations.reviews.access import Viewer
from operations.reviews.decisions import latest_decisions
from operations.reviews.models import Decision

HEADER = (
    "interview_id",
    "type",
    "candidate_name",
    "candidate_email",
    "challenge",
    "challenge_version",
    "created_at",
    "sitting",
    "sittings",
    "status",
    "started_at",
    "ready_at",
    "ended_at",
    "worked_minutes",
    "length_minutes",
    "end_reason",
    "files_bytes",
    "interviewers",
    "feedback_rating",
    "feedback_text",
    "decision",
    "decided_at",
    "reviews",
    "weighted_mean",
)
# Of how many interviews decisions and scores are read in one query.
BATCH = 100


def history_rows(interviews: Iterable[Interview], viewer: Viewer) -> Iterator[tuple[object, ...]]:
    """The header and the rows. An invitation that was never started has one, without a sitting.

    The last columns are empty where the viewer may not see the reviews.
    """
    yield HEADER
    for interview, decision, scores in _with_reviews(interviews, viewer):
        sittings = sittings_of(interview)
        sizes = {
            number: sum(int(saved.bytes or 0) for _, saved in archives)
            for number, archives in archives_of_sittings(interview).items()
        }
        decided = (decision.outcome, decision.decided_at) if decision else (None, None)
        last_cells = (*_last_cells(interview), *decided, *_score_cells(scores))
        for sitting in sittings:
            number = sitting.number
            yield (
                *_facts(interview),
                *(number, len(sittings), *_sitting_cells(sitting), sizes.get(number)),
                *last_cells,
            )
        if not sittings:
            never_started = Sitting(0, interview.state, ended_at=interview.completed_at)
            cells = (None, 0, *_sitting_cells(never_started), None)
            yield (*_facts(interview), *cells, *last_cells)


def _with_reviews(
    interviews: Iterable[Interview], viewer: Viewer
) -> Iterator[tuple[Interview, Decision | None, VisibleScores]]:
    rest = iter(interviews)
    while batch := list(islice(rest, BATCH)):
        ids = [each.id for each in batch]
        decisions, scores = latest_decisions(ids), visible_scores(ids, viewer)
        yield from ((each, decisions.get(each.id), scores[each.id]) for each in batch)


def _score_cells(scores: VisibleScores) -> tuple[object, ...]:
    if scores.is_hidden:
        # Unknown is not none.
        return None, None
    summary = scores.summary
    if summary is None:
        return 0, None
    return len(summary.reviews), None if summary.mean is None else f"{summary.mean:.2f}"


def _facts(interview: Interview) -> tuple[object, ...]:
    version = interview.challenge_version
    return (
        interview.id,
        "live" if interview.type == LIVE else "take-home",
        interview.candidate_name,
        interview.candidate_email,
        interview.challenge,
        None if version is None else int(version),
        interview.created_at,
    )


def _last_cells(interview: Interview) -> tuple[object, ...]:
    rating = interview.feedback_rating
    return (
        ", ".join(interview.interviewer_addresses),
        None if rating is None else int(rating),
        interview.feedback_text,
    )


def _sitting_cells(sitting: Sitting) -> tuple[object, ...]:
    return (
        sitting.status.value,
        sitting.started_at,
        sitting.ready_at,
        sitting.ended_at,
        _minutes(sitting.worked),
        _minutes(sitting.length),
        sitting.end_reason,
    )


def _minutes(length: timedelta | None) -> str | None:
    """Minutes with one decimal: "45.0"."""
    return None if length is None else f"{length.total_seconds() / 60:.1f}"

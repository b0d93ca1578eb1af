"""The rows of an interview's practice workspaces."""

import re

from interviews import queries
from interviews.models import Interview, StaleWriteError
from interviews.timeline import TimelineEvent

# How often a candidate may practise before one interview.
MAX_PRACTICES = 3
PRACTICE_NAME = re.compile(r"practice[0-9]+-.+")


def practice_id(interview_id: str, number: int) -> str:
    """The id of the interview's practice workspace of this number, from 1."""
    return f"practice{number}-{interview_id}"


def is_practice_name(workspace_name: str) -> bool:
    return PRACTICE_NAME.fullmatch(workspace_name) is not None


def practices_of(interview_id: str) -> list[Interview]:
    """The interview's practice workspaces, oldest first, by one consistent read."""
    ids = [practice_id(interview_id, number + 1) for number in range(MAX_PRACTICES)]
    rows = {row.id: row for row in Interview.batch_get(ids, consistent_read=True)}
    return [rows[id_] for id_ in ids if id_ in rows]


def record_practised(practice: Interview) -> None:
    """Add to the timeline of its interview that the candidate practised; once if repeated."""
    at = practice.ready_at
    while at is not None:
        interview = queries.get_interview(practice.practice_of or "")
        if interview is None or _has_practised(interview, practice):
            return
        try:
            interview.add_practice(at)
        except StaleWriteError:
            continue
        return


def _has_practised(interview: Interview, practice: Interview) -> bool:
    return any(
        event.what == TimelineEvent.PRACTISED and event.at == practice.ready_at
        for event in interview.timeline
    )

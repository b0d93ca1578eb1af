"""A candidate's practice workspace before the start; `operations.practice` has the rules.

No member of staff does any of it, so the audit trail has no entry. The timeline of the interview
says when the candidate practised.
"""

from interviews.models import Interview
from operations import practice


def start_practice(interview: Interview, *, by: str = "candidate") -> str:
    """Start a practice workspace, or try again if it failed. Returns its id.

    Raises:
        WrongStateError: if there can be none now.
    """
    return str(practice.start_practice(interview, by=by).id)


def end_practice(interview: Interview, *, by: str = "candidate") -> None:
    """End the interview's practice workspace, if there is one."""
    practice.end_practices_of(interview, by=by)

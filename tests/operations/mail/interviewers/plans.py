"""A plan with interviewers, and what they were told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from tests.conftest import fresh
from tests.operations.mail.conftest import messages

GRACE, MARY, JOAN = "grace@example.com", "mary@example.com", "joan@example.com"
LATER = timedelta(days=10)
Plan = Callable[..., Interview]


def recipients(emails: list[Any]) -> list[str]:
    return sorted(str(email["To"]) for email in emails)


def edit(interview: Interview, *, notify: bool = True, **fields: Any) -> None:
    actions.edit_invitation(
        fresh(interview), InvitationEdit(**fields), by="recruiter", notify=notify
    )


def move(interview: Interview, *, days: int, notify: bool = True) -> None:
    at = now() + timedelta(days=days)
    actions.reschedule(fresh(interview), at=at, by="recruiter", notify=notify)


def records(interview: Interview, address: str) -> list[tuple[str, int, str]]:
    rows = [each for each in messages(interview) if each.interviewer == address]
    return [(each.kind, each.number, each.state) for each in rows]

"""Settings with e-mail enabled, and invitations that send it."""

from collections.abc import Callable
from typing import Any

import pytest

from interviews.models import Interview
from operations.mail.models import Message

ADDRESS = "ada@example.com"


@pytest.fixture
def mail_on(db: None, settings: Any) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    settings.DEFAULT_FROM_EMAIL = "Example Ltd <tests@example.com>"


@pytest.fixture
def mailed(mail_on: None, invite: Callable[..., Interview]) -> Callable[..., Interview]:
    """Return a function that invites a candidate by e-mail."""

    def call(**fields: Any) -> Interview:
        return invite(**{"send_email": True, "candidate_email": ADDRESS, **fields})

    return call


def messages(interview: Interview, kind: str | None = None) -> list[Message]:
    rows = Message.objects.filter(interview_id=interview.id).order_by("id")
    return list(rows.filter(kind=kind) if kind else rows)

"""The sections of the live interviews."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard.presenters.interviews.sections import Section, section_of
from interviews.attributes import LIVE
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.pagination.by_start import start_of


def planned(**changes: Any) -> Interview:
    given: dict[str, Any] = {"status": "scheduled", "created_at": now()} | changes
    return Interview(id="int-1", type=LIVE, **given)


@pytest.mark.parametrize(
    ("status", "minutes", "section"),
    [
        ("scheduled", 4, Section.NOW),
        ("scheduled", -5, Section.NOW),
        ("scheduled", 6, Section.NEXT),
        ("scheduled", 24 * 60 - 1, Section.NEXT),
        ("scheduled", 24 * 60 + 1, Section.LATER),
        ("active", -30, Section.NOW),
        ("error", -30, Section.NOW),
    ],
)
def test_section_is_that_of_the_start(status: str, minutes: int, section: Section) -> None:
    at = now() + timedelta(minutes=minutes)
    assert section_of(planned(status=status, scheduled_at=at)) is section


def test_interview_that_was_started_at_once_is_on_now() -> None:
    interview = planned(status="configuring")
    assert (section_of(interview), start_of(interview)) == (Section.NOW, interview.created_at)

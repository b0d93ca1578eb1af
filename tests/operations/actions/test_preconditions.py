"""A row that was changed so often that DynamoDB would soon not take it."""

import json
from datetime import datetime
from typing import Any

import pytest

from interviews.dynamodb import now
from interviews.indexes import EarlierArchive, EarlierSitting, NotSavedEntry, TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from interviews.schemas.limits import MAX_INSTRUCTIONS
from interviews.sittings import MAX_SITTINGS
from operations import actions
from operations.actions import preconditions
from operations.archives.not_saved import MAX_PATH_BYTES, MAX_STORED
from operations.exceptions import WrongStateError
from tests.conftest import fresh, run_until_idle
from tests.zones import BEFORE, TODAY, planned_by_earlier_rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("december_2026")]


@pytest.fixture
def is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preconditions, "MAX_ROW_BYTES", 100)


def refuse(interview: Interview, act: Any, *args: Any, **how: Any) -> None:
    before = fresh(interview).serialize()
    with pytest.raises(WrongStateError, match="changed too often"):
        act(fresh(interview), *args, by="recruiter", **how)
    assert fresh(interview).serialize() == before


def test_full_invitation_is_not_edited_and_can_be_revoked(take_home, is_full):
    refuse(take_home, actions.edit_invitation, InvitationEdit(candidate_name="Ada King"))
    refuse(take_home, actions.extend, 10)
    actions.revoke(take_home, by="recruiter")
    assert fresh(take_home).state is Status.REVOKED


def test_full_interview_is_not_moved(schedule, is_full):
    refuse(schedule(), actions.reschedule, minutes=30)


def test_full_interview_does_not_keep_its_time_and_can_be_cancelled(schedule, is_full):
    interview = planned_by_earlier_rules(schedule)
    refuse(interview, actions.keep_planned_time, planned=BEFORE, reading=TODAY)
    actions.revoke(interview, by="recruiter")
    assert fresh(interview).state is Status.CANCELLED


def test_full_test_can_be_ended_and_is_not_reopened(running, is_full):
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(running)
    assert (row.state, row.is_saved) == (Status.COMPLETED, True)
    refuse(row, actions.reopen, 20)


def test_the_last_sitting_has_room(running):
    """Each of them had as long a list of what was not saved as a row stores."""
    at: datetime = now()
    entry = NotSavedEntry(path="x" * MAX_PATH_BYTES, reason="regenerable", files=10**6, bytes=10**9)
    for number in range(1, MAX_SITTINGS):
        events = ("activated", "initializing", "configuring", "active", "destroying", "completed")
        running.timeline += [TimelineEntry(status=name, at=at, by="recruiter") for name in events]
        running.sittings.append(
            EarlierSitting(
                number=number, started_at=at, ready_at=at, ended_at=at, worked_seconds=86400,
                length_seconds=86400, end_reason="ended_by_staff",
            )
        )  # fmt: skip
        running.earlier_archives.append(
            EarlierArchive(
                key="k" * 120, bytes=10**8, sha256="f" * 64, at=at, sitting=number,
                not_saved=[entry] * MAX_STORED, not_saved_count=10**6,
            )
        )  # fmt: skip
    running.custom_instructions = "日" * MAX_INSTRUCTIONS
    preconditions.require_room(running)
    assert len(json.dumps(running.serialize())) > preconditions.MAX_ROW_BYTES / 2

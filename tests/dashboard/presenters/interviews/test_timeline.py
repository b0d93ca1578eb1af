"""The timeline in words, for every kind of event."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard.presenters.interviews.timeline import lines_of
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, deadlines
from operations.models import get_operation
from operations.worker import runner
from tests.conftest import fresh, make_due, run_until_idle
from tests.fakes import Broken


def texts(interview: Interview) -> list[str]:
    return [f"{line.by} {line.words}".strip() for line in lines_of(fresh(interview))]


STARTED = [
    "recruiter invited the candidate",
    "Ada started the test",
    "Creating the workspace",
    "Workspace created, waiting for it to respond",
    "The workspace is ready, and the clock started",
]


def test_life_with_more_time_and_a_second_opening(running: Interview) -> None:
    actions.extend(running, 15, by="recruiter")
    actions.extend(fresh(running), -5, by="boss")
    actions.submit(fresh(running), by="candidate")
    run_until_idle(running)
    actions.reopen(fresh(running), 90, by="boss")
    assert texts(running) == [
        *STARTED,
        "recruiter added 15 min",
        "boss took away 5 min",
        "Ada submitted the test",
        "Files saved and workspace closed",
        "boss reopened it for 1 h 30 min, with the saved files",
    ]


def test_files_that_were_saved_before_the_workspace_was_gone_are_told(running: Interview) -> None:
    """An engine takes a while to destroy it."""
    actions.submit(running, by="candidate")
    ended = run_until_idle(running)
    ended.change(archive_at=ended.archive_at - timedelta(seconds=20))
    assert texts(ended)[-1] == "Files saved and workspace closed"


@pytest.mark.django_db
def test_each_sitting_tells_of_its_own_files(running: Interview) -> None:
    actions.submit(running, by="candidate")
    actions.reopen(run_until_idle(running), 30, by="boss")
    run_until_idle(running)
    actions.end(fresh(running), by="boss", reason=EndReason.ENDED_BY_STAFF, save=False)
    run_until_idle(running)
    assert [text for text in texts(running) if text.endswith("orkspace closed")] == [
        "Files saved and workspace closed",
        "Workspace closed",
    ]


def test_credit_is_a_line_of_its_own(running: Interview) -> None:
    running.change_time(by="schedule", what=TimelineEvent.CREDITED, seconds=125)
    line = lines_of(fresh(running))[-1]
    assert (line.words, line.is_schedule, line.key) == (
        "2 min 5 s given back: the workspace didn't respond for that long",
        True,
        "credited",
    )


def test_time_up_is_the_schedules(running: Interview) -> None:
    deadlines.end_overdue(make_due(running))
    line = lines_of(fresh(running))[-1]
    assert (line.words, line.is_schedule) == ("Time ran out", True)


def test_revoked_while_running_is_told_from_ended(running: Interview) -> None:
    actions.revoke(running, by="boss")
    assert texts(running)[-1] == "boss withdrew it"
    run_until_idle(running)
    assert texts(running)[-2:] == [
        "boss withdrew it",
        "Files saved and workspace closed",
    ]


def test_withdrawn_and_lapsed_invitations(invite: Callable[..., Interview]) -> None:
    withdrawn, lapsed = invite(), invite()
    actions.revoke(withdrawn, by="boss")
    actions.expire(make_due(lapsed))
    assert texts(withdrawn)[-1] == "boss withdrew the invitation"
    assert texts(lapsed)[-1] == "The invitation expired"


def test_failure_and_second_try(take_home: Interview, use_engine: Callable[..., object]) -> None:
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    actions.retry(fresh(take_home), by="boss")
    assert texts(take_home)[-2:] == ["The workspace couldn't be started", "boss tried again"]


def test_start_that_staff_stopped(take_home: Interview, engine: object) -> None:
    operation = get_operation(actions.activate(take_home, by="candidate"))
    assert operation is not None
    actions.cancel(operation, by="boss")
    assert texts(take_home)[-1] == "boss stopped the start"


def test_never_ready(take_home: Interview, engine: object) -> None:
    actions.activate(take_home, by="candidate")
    deadlines.end_overdue(make_due(take_home))
    assert texts(take_home)[-1] == "The workspace couldn't be started"


def test_live_interview(regular: Interview, engine: object) -> None:
    actions.activate(regular, by="schedule")
    assert texts(regular) == [
        "recruiter scheduled the interview",
        "The workspace is started 5 minutes before the interview",
    ]


def test_live_interview_that_was_called_off(regular: Interview) -> None:
    actions.revoke(regular, by="boss")
    assert texts(regular)[-1] == "boss cancelled it"


def test_live_interview_at_once(schedule: Callable[..., Interview], engine: object) -> None:
    assert texts(schedule(scheduled_at=None)) == [
        "recruiter started the interview immediately",
        "recruiter started it",
    ]


@pytest.mark.django_db
def test_end_without_saving_claims_no_files(running: Interview) -> None:
    actions.end(running, by="boss", reason=EndReason.ENDED_BY_STAFF, save=False)
    run_until_idle(running)
    assert texts(running)[-2:] == ["boss stopped it", "Workspace closed"]


def test_every_status_has_words(in_state: Callable[..., Interview]) -> None:
    for status in Status:
        interview = in_state("available")
        interview.timeline = [
            *interview.timeline,
            TimelineEntry(status=status.value, at=now(), by="boss"),
        ]
        interview.save()
        assert lines_of(fresh(interview))[-1].words, status

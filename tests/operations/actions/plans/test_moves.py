"""Rescheduling a live interview."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from interviews.attributes import LIVE
from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions, reconciler
from operations.actions.plans import moves
from operations.exceptions import InvalidInputError, WrongStateError
from operations.queue import enqueue
from tests.conftest import fresh, run_until_idle
from tests.operations.actions.plans.planning import move

pytestmark = pytest.mark.usefixtures("december_2026")
BERLIN = "Europe/Berlin"


def test_moved_interview_keeps_link_and_password(schedule, stream):
    interview = schedule()
    stream.entries.clear()
    row = move(interview, local="2027-01-15T10:00", zone=BERLIN, minutes=45)
    assert row.scheduled_at == datetime(2027, 1, 15, 9, tzinfo=UTC)
    assert (row.scheduled_local, row.time_zone) == ("2027-01-15T10:00", BERLIN)
    assert row.due_at == row.scheduled_at - PROVISION_LEAD_TIME
    assert row.length == timedelta(minutes=45)
    assert (row.passcode, row.password) == (interview.passcode, interview.password)
    last = row.timeline[-1]
    assert (last.what, last.moved_to, last.zone) == ("rescheduled", row.scheduled_at, BERLIN)
    assert last.changed == ["durationMinutes", "scheduledAt", "timeZone"]
    assert row.time_changes == 1
    assert len(stream.events_named("interview")) == 1


def test_local_time_without_a_zone_is_in_the_interviews_zone(schedule):
    row = move(schedule(time_zone=BERLIN), local="2027-07-15T10:00")
    assert row.scheduled_at == datetime(2027, 7, 15, 8, tzinfo=UTC)


def test_instant_is_kept_with_its_local_time(schedule):
    row = move(schedule(), at=datetime(2027, 1, 15, 9, tzinfo=UTC), zone=BERLIN)
    assert (row.scheduled_local, row.time_zone) == ("2027-01-15T10:00", BERLIN)


def test_length_alone_leaves_the_time(schedule):
    interview = schedule()
    row = move(interview, minutes=90)
    assert (row.scheduled_at, row.length) == (interview.scheduled_at, timedelta(minutes=90))
    assert (row.timeline[-1].moved_to, row.timeline[-1].changed) == (None, ["durationMinutes"])


def test_length_of_a_move_includes_the_time_that_staff_took(schedule):
    interview = schedule()
    actions.extend(interview, -50, by="recruiter")
    with pytest.raises(InvalidInputError, match="must be 1 minute to 24 hours") as raised:
        move(fresh(interview), minutes=50)
    assert raised.value.field == "duration_minutes"


def test_time_that_has_come_stays_when_the_length_is_changed(schedule):
    interview = schedule()
    with time_machine.travel(interview.scheduled_at + timedelta(seconds=30), tick=False):
        row = move(interview, at=interview.scheduled_at, minutes=30)
    assert (row.scheduled_at, row.length) == (interview.scheduled_at, timedelta(minutes=30))


def test_part_of_a_second_is_no_other_time(schedule):
    interview = schedule()
    at = interview.scheduled_at + timedelta(microseconds=5)
    assert move(interview, at=at, zone="UTC").serialize() == interview.serialize()


def test_interview_that_begins_at_once_is_being_prepared():
    row = Interview(type=LIVE, status="scheduled")
    assert "is being prepared" in moves.reason_not_to_move(row)


def test_same_plan_changes_nothing(schedule):
    interview = schedule()
    before = interview.serialize()
    assert move(interview, at=interview.scheduled_at, zone="UTC", minutes=60).serialize() == before


def test_interview_runs_at_its_new_time(schedule, engine):
    interview = schedule()
    was = interview.scheduled_at
    move(interview, at=was + timedelta(hours=3))
    with time_machine.travel(was, tick=False):
        reconciler.run_due()
        assert fresh(interview).status == "scheduled"
    with time_machine.travel(was + timedelta(hours=3), tick=False):
        reconciler.run_due()
        row = run_until_idle(interview)
    assert (row.status, row.auto_destroy_at) == ("active", was + timedelta(hours=4))


def test_start_by_the_schedule_that_races_a_move_leaves_it_for_later(schedule, engine, enqueued):
    """The reconciler read the row before it was moved: it must not start it a week early."""
    interview = schedule()
    with time_machine.travel(interview.scheduled_at, tick=False):
        late = fresh(interview)
        move(interview, at=now() + timedelta(days=7))
        actions.start_scheduled(late)
    assert (fresh(interview).status, enqueued) == ("scheduled", [])


def test_missed_interview_that_was_moved_meanwhile_is_not_cancelled(schedule):
    interview = schedule()
    with time_machine.travel(interview.scheduled_at + timedelta(hours=5), tick=False):
        late = fresh(interview)
        move(interview, at=now() + timedelta(days=7))
        actions.start_scheduled(late)
    assert fresh(interview).status == "scheduled"


def test_interview_that_is_prepared_or_runs_cannot_be_moved(schedule, engine):
    interview = schedule()
    with time_machine.travel(interview.scheduled_at - PROVISION_LEAD_TIME, tick=False):
        late = fresh(interview)
        reconciler.run_due()
        with pytest.raises(WrongStateError, match="is being prepared"):
            move(late, at=now() + timedelta(days=7))
        run_until_idle(interview)
        with pytest.raises(WrongStateError, match="is ready"):
            move(fresh(interview), at=now() + timedelta(days=7))
    assert fresh(interview).scheduled_at == interview.scheduled_at


def test_what_is_over_or_no_live_interview_cannot_be_moved(schedule, take_home):
    interview = schedule()
    actions.revoke(interview, by="recruiter")
    with pytest.raises(WrongStateError, match="Status: Cancelled"):
        move(interview, minutes=30)
    with pytest.raises(WrongStateError, match="Only a live interview"):
        move(take_home, minutes=30)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"local": "2020-01-01T10:00"}, "scheduled_local"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "scheduled_at"),
        ({"local": "2999-01-01T10:00"}, "scheduled_local"),
        ({"local": "noon"}, "scheduled_local"),
        ({"local": "2027-03-28T02:30", "zone": BERLIN}, "scheduled_local"),
        ({"local": "2027-10-31T02:30", "zone": BERLIN}, "scheduled_local"),
        ({"local": "2027-01-15T10:00", "zone": "Mars/Base"}, "time_zone"),
        ({"zone": BERLIN}, "scheduled_local"),
        (
            {"local": "2027-01-15T10:00", "at": datetime(2027, 1, 15, 3, tzinfo=UTC)},
            "scheduled_local",
        ),
        ({"minutes": 0}, "duration_minutes"),
        ({"minutes": 481}, "duration_minutes"),
    ],
)
def test_invalid_plan_names_its_field(schedule, how, field):
    interview = schedule()
    before = interview.serialize()
    with pytest.raises(InvalidInputError) as raised:
        move(interview, **how)
    assert raised.value.field == field
    assert fresh(interview).serialize() == before


def test_time_that_comes_twice_is_chosen_by_its_instant(schedule):
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    row = move(schedule(), local="2027-10-31T02:30", at=second, zone=BERLIN)
    assert (row.scheduled_at, row.scheduled_local) == (second, "2027-10-31T02:30")
    assert row.declined_reading is None


def test_local_time_is_stored_in_one_notation(schedule):
    row = move(schedule(), local="20270115T100000,5", zone=BERLIN)
    assert row.scheduled_local == "2027-01-15T10:00"
    length = len(row.timeline)
    assert len(move(row, local="2027-W02-5T10:00:00", zone=BERLIN).timeline) == length


def test_lost_race_is_tried_again_on_the_current_row(schedule, monkeypatch):
    interview = schedule()
    late = fresh(interview)
    reloads = []
    reload = enqueue.reload_interview
    monkeypatch.setattr(
        moves.enqueue, "reload_interview", lambda row: reloads.append(row) or reload(row)
    )
    actions.extend(interview, 15, by="colleague")
    row = move(late, minutes=30)
    assert (row.length, len(reloads)) == (timedelta(minutes=45), 1)

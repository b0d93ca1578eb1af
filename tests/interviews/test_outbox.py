"""Each status change is relayed at least once: the write that makes it sets the mark."""

from interviews import outbox
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.outbox import StatusChange
from interviews.timeline import TimelineEvent
from tests.conftest import fresh


def pending_ids():
    return list(outbox.pending_ids(10))


def pending_changes(interview):
    return [
        (change.moment, change.previous, change.status)
        for change in outbox.pending_changes(interview)
        if isinstance(change, StatusChange)
    ]


def test_new_interview_has_a_pending_change(take_home):
    assert pending_ids() == [take_home.id]
    row = fresh(take_home)
    assert outbox.pending_changes(row) == [StatusChange(0, "available", row.created_at, None)]


def test_relayed_interview_is_not_pending(take_home):
    row = fresh(take_home)
    outbox.mark_relayed(row)
    assert pending_ids() == []
    assert pending_changes(fresh(take_home)) == []


def test_each_change_is_pending_again(running):
    outbox.mark_relayed(fresh(running))
    running = fresh(running)
    running.move_to(Status.DESTROYING, by="recruiter")
    assert pending_ids() == [running.id]
    assert pending_changes(fresh(running)) == [(5, "active", "destroying")]


def test_changes_of_a_start_are_in_order(running):
    assert pending_changes(fresh(running)) == [
        (0, None, "available"),
        (1, "available", "activated"),
        (2, "activated", "initializing"),
        (3, "initializing", "configuring"),
        (4, "configuring", "active"),
    ]


def test_more_time_is_no_status_change(running):
    outbox.mark_relayed(fresh(running))
    running = fresh(running)
    running.change_time(by="recruiter", what=TimelineEvent.EXTENDED, seconds=600, extra_seconds=600)
    assert pending_ids() == []
    running.move_to(Status.DESTROYING, by="recruiter")
    assert pending_changes(fresh(running)) == [(6, "active", "destroying")]


def test_change_during_the_relay_stays_pending(take_home):
    read = fresh(take_home)
    fresh(take_home).move_to(Status.EXPIRED, by="schedule")
    outbox.mark_relayed(read)
    assert pending_ids() == [take_home.id]
    assert pending_changes(fresh(take_home)) == [
        (0, None, "available"),
        (1, "available", "expired"),
    ]


def test_mark_relayed_changes_no_other_attribute(take_home, stream):
    before = fresh(take_home)
    said = len(stream.entries)
    outbox.mark_relayed(fresh(take_home))
    after = fresh(take_home)
    assert (after.outbox, after.outbox_done) == (None, 1)
    names = set(Interview.get_attributes()) - {"outbox", "outbox_done"}
    assert {name: getattr(after, name) for name in names - {"timeline"}} == {
        name: getattr(before, name) for name in names - {"timeline"}
    }
    assert len(stream.entries) == said


def test_mark_relayed_makes_no_write_stale(take_home):
    read = fresh(take_home)
    outbox.mark_relayed(fresh(take_home))
    read.move_to(Status.EXPIRED, by="schedule")
    assert fresh(take_home).state is Status.EXPIRED


def test_deleted_interview_stays_deleted(take_home):
    read = fresh(take_home)
    fresh(take_home).delete()
    outbox.mark_relayed(read)
    # Not by `count`, which reads the table's description: that is hours old.
    assert list(Interview.scan()) == []


def test_local_stack_server_supports_the_condition(real_tables, invite):
    """It uses another server than the other tests."""
    interview = invite()
    read = fresh(interview)
    fresh(interview).move_to(Status.EXPIRED, by="schedule")
    outbox.mark_relayed(read)
    assert pending_ids() == [interview.id]
    outbox.mark_relayed(fresh(interview))
    assert pending_ids() == []

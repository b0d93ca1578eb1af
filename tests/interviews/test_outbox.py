"""Every change of status is passed on at least once: its mark is in the write that has it."""

from interviews import outbox
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.outbox import StatusChange
from tests.conftest import fresh


def waiting():
    return list(outbox.pending_ids(10))


def told(interview):
    return [
        (change.moment, change.previous, change.status)
        for change in outbox.pending_changes(interview)
    ]


def test_new_interview_waits_with_its_first_status(take_home):
    assert waiting() == [take_home.id]
    row = fresh(take_home)
    assert outbox.pending_changes(row) == [StatusChange(0, "available", None, row.created_at)]


def test_passed_on_interview_waits_no_longer(take_home):
    row = fresh(take_home)
    outbox.mark_relayed(row)
    assert waiting() == []
    assert told(fresh(take_home)) == []


def test_each_change_makes_it_wait_again_with_what_is_new(running):
    outbox.mark_relayed(fresh(running))
    running = fresh(running)
    running.move_to(Status.DESTROYING, by="recruiter")
    assert waiting() == [running.id]
    assert told(fresh(running)) == [(5, "active", "destroying")]


def test_all_changes_of_a_start_are_told_in_order(running):
    assert told(fresh(running)) == [
        (0, None, "available"),
        (1, "available", "activated"),
        (2, "activated", "initializing"),
        (3, "initializing", "configuring"),
        (4, "configuring", "active"),
    ]


def test_more_time_is_no_change_of_status(running):
    outbox.mark_relayed(fresh(running))
    running = fresh(running)
    running.change_time(by="recruiter", what="extended", seconds=600, extra_seconds=600)
    assert waiting() == []
    running.move_to(Status.DESTROYING, by="recruiter")
    assert told(fresh(running)) == [(6, "active", "destroying")]


def test_change_that_comes_while_the_others_are_passed_on_waits(take_home):
    read = fresh(take_home)
    fresh(take_home).move_to(Status.EXPIRED, by="schedule")
    outbox.mark_relayed(read)
    assert waiting() == [take_home.id]
    assert told(fresh(take_home)) == [(0, None, "available"), (1, "available", "expired")]


def test_passing_on_touches_nothing_else(take_home, stream):
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


def test_passing_on_makes_nobody_lose_a_race(take_home):
    read = fresh(take_home)
    outbox.mark_relayed(fresh(take_home))
    read.move_to(Status.EXPIRED, by="schedule")
    assert fresh(take_home).state is Status.EXPIRED


def test_deleted_interview_stays_deleted(take_home):
    read = fresh(take_home)
    fresh(take_home).delete()
    outbox.mark_relayed(read)
    assert Interview.count() == 0


def test_engine_of_make_run_knows_the_condition(real_tables, invite):
    """It is another server than that of the other tests."""
    interview = invite()
    read = fresh(interview)
    fresh(interview).move_to(Status.EXPIRED, by="schedule")
    outbox.mark_relayed(read)
    assert waiting() == [interview.id]
    outbox.mark_relayed(fresh(interview))
    assert waiting() == []

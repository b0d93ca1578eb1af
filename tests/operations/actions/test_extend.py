"""Extending and shortening a test before the start and while it runs, but never after its end."""

from datetime import timedelta

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from tests.conftest import fresh, run_until_idle
from tests.fakes import Broken


def test_extension_before_the_start_makes_it_longer(take_home, engine):
    actions.extend(take_home, 30, by="recruiter")
    actions.activate(fresh(take_home), by="candidate")
    row = run_until_idle(take_home)
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=90)


def test_extension_of_a_running_test_moves_its_end(running, stream):
    before = running.auto_destroy_at
    stream.entries.clear()
    actions.extend(running, 15, by="recruiter")
    row = fresh(running)
    assert row.auto_destroy_at == row.due_at == before + timedelta(minutes=15)
    assert row.length == timedelta(minutes=75)
    last = row.timeline[-1]
    assert (last.what, last.seconds, last.by) == ("extended", 900, "recruiter")
    assert len(stream.events_named("interview")) == 1


def test_time_can_be_removed_again(running):
    before = running.auto_destroy_at
    actions.extend(running, 15, by="recruiter")
    actions.extend(running, -15, by="recruiter")
    assert fresh(running).auto_destroy_at == before


def test_two_concurrent_extensions_both_count(running):
    one, other = fresh(running), fresh(running)
    before = running.auto_destroy_at
    actions.extend(one, 10, by="recruiter")
    actions.extend(other, 5, by="colleague")
    assert fresh(running).auto_destroy_at == before + timedelta(minutes=15)
    assert [moment.by for moment in fresh(running).timeline[-2:]] == ["recruiter", "colleague"]


def test_extension_after_an_end_is_rejected(running):
    late = fresh(running)
    actions.end(fresh(running), by="colleague", reason=EndReason.ENDED_BY_STAFF)
    with pytest.raises(WrongStateError, match="can't be changed any more"):
        actions.extend(late, 10, by="recruiter")
    assert fresh(running).status == "destroying"


def test_end_after_an_extension_with_a_stale_row(running):
    late = fresh(running)
    actions.extend(fresh(running), 10, by="recruiter")
    actions.end(late, by="colleague", reason=EndReason.ENDED_BY_STAFF)
    assert fresh(running).status == "destroying"
    assert fresh(running).timeline[-2].what == "extended"


@pytest.mark.parametrize("minutes", [0, 481, -481, 10**9, -(10**9)])
def test_minutes_out_of_range_are_rejected(running, minutes):
    before = fresh(running).serialize()
    with pytest.raises(InvalidInputError) as raised:
        actions.extend(running, minutes, by="recruiter")
    assert raised.value.field == "minutes"
    assert fresh(running).serialize() == before


def test_end_in_the_past_is_rejected(running):
    with time_machine.travel(running.ready_at + timedelta(minutes=40), tick=False):
        with pytest.raises(InvalidInputError, match=r"^That leaves less than a minute") as raised:
            actions.extend(running, -20, by="recruiter")
        assert raised.value.field == "minutes"
        actions.extend(running, -19, by="recruiter")
        assert fresh(running).auto_destroy_at == now() + timedelta(minutes=1)


def test_test_of_more_than_a_day_is_rejected(invite):
    take_home = invite(duration_minutes=480)
    actions.extend(take_home, 480, by="recruiter")
    actions.extend(take_home, 480, by="recruiter")
    with pytest.raises(InvalidInputError, match="more than 24 hours") as raised:
        actions.extend(take_home, 1, by="recruiter")
    assert raised.value.field == "minutes"
    assert fresh(take_home).length == timedelta(hours=24)


def test_test_that_is_still_provisioned_is_shortened_by_its_whole_length(take_home, engine):
    """Its candidate has lost no time yet, however long ago it was started."""
    actions.activate(take_home, by="candidate")
    row = fresh(take_home)
    with time_machine.travel(row.auto_destroy_at - timedelta(minutes=5), tick=False):
        actions.extend(row, -10, by="recruiter")
    assert fresh(take_home).length == timedelta(minutes=50)


def test_extension_of_a_failed_start_leaves_the_time_to_retry_it(take_home, use_engine):
    use_engine(Broken())
    actions.activate(take_home, by="candidate")
    failed = run_until_idle(take_home)
    actions.extend(failed, 10, by="recruiter")
    assert fresh(take_home).auto_destroy_at == failed.auto_destroy_at
    assert fresh(take_home).length == timedelta(minutes=70)


def test_ended_test_cannot_be_extended(take_home):
    actions.revoke(take_home, by="recruiter")
    with pytest.raises(WrongStateError):
        actions.extend(fresh(take_home), 10, by="recruiter")


def test_extension_of_a_paused_clock_adds_time_left(running):
    running.change_time(paused_at=now(), paused_left=600)
    actions.extend(fresh(running), 10, by="recruiter")
    assert int(fresh(running).paused_left) == 1200


@pytest.mark.parametrize(
    ("minutes", "percent", "length"), [(60, 25, 75), (45, 10, 50), (30, 100, 60), (60, 0, 60)]
)
def test_allowance_makes_it_longer_in_whole_minutes(invite, minutes, percent, length):
    take_home = invite(duration_minutes=minutes, allowance_percent=percent)
    assert fresh(take_home).length == timedelta(minutes=length)


def test_time_changes_are_marked_as_seen_once(running, stream):
    actions.extend(running, 15, by="recruiter")
    assert fresh(running).time_changes_seen is None
    stream.entries.clear()
    actions.mark_time_changes_seen(fresh(running), 1)
    assert int(fresh(running).time_changes_seen) == 1
    assert len(stream.events_named("interview")) == 1
    actions.mark_time_changes_seen(fresh(running), 1)
    actions.mark_time_changes_seen(fresh(running), 7)
    actions.mark_time_changes_seen(fresh(running), 0)
    assert int(fresh(running).time_changes_seen) == 1
    assert len(stream.events_named("interview")) == 1

"""The interview row: conditional writes, derived attributes, and events."""

from datetime import UTC, datetime, timedelta

import pytest

from interviews import queries
from interviews.dynamodb import TimeAttribute, now
from interviews.lifecycle import IllegalTransitionError, Status
from interviews.models import Interview, StaleWriteError
from tests.conftest import fresh


def test_move_to_writes_status_and_timeline_and_publishes(take_home, stream):
    take_home.move_to(Status.ACTIVATED, by="candidate", operation_id="op")
    row = fresh(take_home)
    assert row.state is Status.ACTIVATED
    assert [(m.status, m.by) for m in row.timeline] == [
        ("available", "recruiter"),
        ("activated", "candidate"),
    ]
    assert stream.events_named("interview") == [
        {"interviewId": row.id, "type": "take-home", "status": "available"},
        {"interviewId": row.id, "type": "take-home", "status": "activated"},
    ]


def test_move_to_refuses_an_illegal_transition(take_home):
    with pytest.raises(IllegalTransitionError):
        take_home.move_to(Status.ACTIVE, by="candidate")
    assert fresh(take_home).state is Status.AVAILABLE


def test_fault_02_a_status_write_never_makes_a_partial_row(take_home):
    ghost = fresh(take_home)
    take_home.delete()
    with pytest.raises(StaleWriteError):
        ghost.move_to(Status.ACTIVATED, by="candidate")
    assert queries.get_interview(ghost.id) is None


def test_fault_02_a_status_write_names_the_status_it_expects(take_home):
    stale = fresh(take_home)
    take_home.move_to(Status.REVOKED, by="recruiter")
    with pytest.raises(StaleWriteError):
        stale.move_to(Status.ACTIVATED, by="candidate")
    assert fresh(take_home).state is Status.REVOKED


def test_move_to_is_fenced_by_the_current_operation(take_home):
    take_home.move_to(Status.ACTIVATED, by="candidate", operation_id="first")
    late = fresh(take_home)
    take_home.change(operation_id="second")
    with pytest.raises(StaleWriteError):
        late.move_to(Status.INITIALIZING, by="worker")
    assert fresh(take_home).state is Status.ACTIVATED


def test_stale_write_publishes_nothing(take_home, stream):
    stale = fresh(take_home)
    take_home.move_to(Status.REVOKED, by="recruiter")
    told = len(stream.entries)
    with pytest.raises(StaleWriteError):
        stale.move_to(Status.ACTIVATED, by="candidate")
    assert len(stream.entries) == told


def test_change_cannot_write_a_status(take_home):
    with pytest.raises(TypeError):
        take_home.change(status="active")


def test_change_to_none_removes_the_attribute(take_home):
    take_home.change(problem="Something.")
    take_home.change(problem=None)
    assert fresh(take_home).problem is None


def test_final_status_sets_the_ttl_and_the_list_key(take_home):
    assert (take_home.list_key, take_home.ttl) == ("take-home", None)
    take_home.move_to(Status.REVOKED, by="recruiter")
    row = fresh(take_home)
    assert row.list_key == "take-home-ended"
    assert timedelta(days=96) < row.ttl - now() <= timedelta(days=97)
    assert row.due_at is None


def test_times_are_stored_as_epoch_seconds_and_read_as_aware_utc():
    attribute = TimeAttribute()
    instant = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    assert attribute.serialize(instant) == "1772366400"
    assert attribute.deserialize("1772366400") == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_fault_20_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        TimeAttribute().serialize(datetime(2026, 3, 1, 12))  # noqa: DTZ001


def test_create_never_overwrites_an_id(take_home):
    copy = Interview(**fresh(take_home).attribute_values)
    with pytest.raises(StaleWriteError):
        copy.create(by="recruiter")


def test_repr_shows_no_secret(running):
    assert running.password
    assert repr(running) == f"<Interview {running.id} active>"


def test_late_write_never_restores_an_old_deadline(running):
    late = fresh(running)
    running.change(auto_destroy_at=running.auto_destroy_at + timedelta(minutes=30))
    late.change(problem="Something.")
    row = fresh(running)
    assert row.due_at == row.auto_destroy_at == running.auto_destroy_at

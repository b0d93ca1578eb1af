"""Start times are recorded once, by step."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.exceptions import PutError

from interviews.attributes import DRY_RUN, TAKE_HOME
from interviews.models import Interview
from operations.indexes import Step
from operations.models import Operation
from operations.start_times import statistics
from operations.start_times.models import StartTime
from tests.conftest import operation_of
from tests.fakes import FakeStream

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def finished_operation(*steps: tuple[str, float], at: float, **attributes: Any) -> Operation:
    """A create operation that was queued at BEGAN, with its steps in seconds after that."""
    defaults: dict[str, Any] = {
        "id": "operation-1",
        "interview_id": "takehome-1",
        "type": "create",
        "status": "completed",
        "created_at": BEGAN,
        "steps": [Step(name=name, at=after(second)) for name, second in steps],
        "finished_at_precise": after(at),
    }
    return Operation(**defaults | attributes)


def interview_of(type_: str) -> Interview:
    return Interview(id="takehome-1", type=type_, provisioner="fake")


def rows(series: str = "fake") -> list[dict[str, float]]:
    names = (*statistics.STEPS, statistics.TOTAL)
    return [{name: getattr(row, name) for name in names} for row in StartTime.query(series)]


def test_record_keeps_the_seconds_of_each_step(tables):
    statistics.record_start_time(
        finished_operation(("provision", 0.5), ("configure", 4.75), at=12.125),
        interview_of(TAKE_HOME),
    )
    expected = {"queue": 0.5, "provision": 4.25, "configure": 7.375, "total": 12.125}
    assert rows() == [expected]


def test_record_counts_a_repeated_step_from_its_first_start(tables):
    statistics.record_start_time(
        finished_operation(("provision", 1), ("provision", 31), ("configure", 35), at=40),
        interview_of(TAKE_HOME),
    )
    assert rows() == [{"queue": 1, "provision": 34, "configure": 5, "total": 40}]


def test_record_counts_both_steps_if_a_worker_repeated_both(tables):
    steps = (("provision", 1), ("configure", 4), ("provision", 34), ("configure", 35))
    statistics.record_start_time(finished_operation(*steps, at=42), interview_of(TAKE_HOME))
    assert rows() == [{"queue": 1, "provision": 4, "configure": 37, "total": 42}]


def test_record_counts_negative_durations_as_zero(tables):
    statistics.record_start_time(
        finished_operation(("provision", -2), ("configure", 3), at=2), interview_of(TAKE_HOME)
    )
    assert rows() == [{"queue": 0, "provision": 5, "configure": 0, "total": 2}]


def test_record_stores_a_start_once(tables):
    operation = finished_operation(("provision", 1), ("configure", 4), at=9)
    statistics.record_start_time(operation, interview_of(TAKE_HOME))
    statistics.record_start_time(operation, interview_of(TAKE_HOME))
    assert len(rows()) == 1


def test_record_stores_two_starts_of_the_same_millisecond(tables):
    steps = (("provision", 1), ("configure", 4))
    statistics.record_start_time(finished_operation(*steps, at=9), interview_of(TAKE_HOME))
    statistics.record_start_time(
        finished_operation(*steps, at=9, id="operation-2"), interview_of(TAKE_HOME)
    )
    statistics.record_start_time(
        finished_operation(*steps, at=9, id="operation-2"), interview_of(TAKE_HOME)
    )
    assert [row.operation_id for row in StartTime.query("fake")] == ["operation-1", "operation-2"]


def test_record_stores_dry_runs_separately(tables):
    statistics.record_start_time(
        finished_operation(("provision", 1), ("configure", 4), at=9), interview_of(DRY_RUN)
    )
    assert (len(rows()), len(rows("fake#dry-run"))) == (0, 1)


def test_record_ignores_operations_without_times(tables):
    statistics.record_start_time(finished_operation(at=9), interview_of(TAKE_HOME))
    statistics.record_start_time(
        finished_operation(("provision", 1), at=9, finished_at_precise=None),
        interview_of(TAKE_HOME),
    )
    assert rows() == []


def test_record_is_kept_for_90_days(tables):
    statistics.record_start_time(
        finished_operation(("provision", 1), ("configure", 4), at=9), interview_of(TAKE_HOME)
    )
    assert next(StartTime.query("fake")).ttl == after(9) + timedelta(days=90)


def test_record_publishes_an_event(tables, stream: FakeStream):
    statistics.record_start_time(
        finished_operation(("provision", 1), ("configure", 4), at=9), interview_of(TAKE_HOME)
    )
    assert [event["operationId"] for event in stream.events_named("operation")] == ["operation-1"]


def test_record_raises_table_errors(tables):
    StartTime.delete_table()
    with pytest.raises(PutError):
        statistics.record_start_time(
            finished_operation(("provision", 1), ("configure", 4), at=9), interview_of(TAKE_HOME)
        )


def test_record_stores_the_times_of_a_worker(running):
    operation = operation_of(running)
    StartTime.delete_table()
    StartTime.create_table()
    statistics.record_start_time(operation, running)
    [row] = rows()
    assert row["total"] == pytest.approx(sum(row[step] for step in statistics.STEPS), abs=0.01)

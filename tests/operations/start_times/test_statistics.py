"""Recording start times, and the statistics over them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pynamodb.exceptions import PutError

from interviews.attributes import DRY_RUN, TAKE_HOME
from interviews.models import Interview
from operations.indexes import Step
from operations.models import Operation
from operations.start_times import statistics
from operations.start_times.models import StartTime
from operations.start_times.statistics import Percentiles
from tests.conftest import operation_of
from tests.fakes import FakeStream
from tests.start_times import start_times

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    """This process has no cached estimate."""
    monkeypatch.setattr(statistics, "_usual", {})


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


@pytest.fixture
def rows_read(monkeypatch):
    """The numbers of rows that the queries returned."""
    counted: list[str] = []
    read = StartTime.from_raw_data.__func__

    def count(cls, data):
        counted.append(data["series"]["S"])
        return read(cls, data)

    monkeypatch.setattr(StartTime, "from_raw_data", classmethod(count))
    return counted


# -- recording -------------------------------------------------------------------------------------


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


# -- percentiles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "p50", "p95"),
    [
        ([7], 7, 7),
        ([2, 1], 1, 2),
        # The example in Wikipedia's article on the nearest rank.
        ([15, 20, 35, 40, 50], 35, 50),
        (range(1, 101), 50, 95),
        (range(1, 1001), 500, 950),
        (range(1, 22), 11, 20),
    ],
)
def test_percentile_is_the_nearest_rank(values, p50, p95):
    assert (statistics.percentile(values, 50), statistics.percentile(values, 95)) == (p50, p95)


# -- summaries -------------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_summary_contains_each_step_and_day(tables):
    start_times(NOON - timedelta(days=27), 10, 20, 30)
    start_times(NOON - timedelta(hours=1), 40)
    found = statistics.summarize_start_times("fake", weeks=4)
    assert (found.since, found.until, found.count) == (date(2026, 3, 3), date(2026, 3, 30), 4)
    assert found.steps == {
        "queue": Percentiles(4, 2, 4),
        "provision": Percentiles(4, 6, 12),
        "configure": Percentiles(4, 12, 24),
        "total": Percentiles(4, 20, 40),
    }
    assert [(day.date, day.steps["total"]) for day in found.days] == [
        (date(2026, 3, 3), Percentiles(3, 20, 30)),
        (date(2026, 3, 30), Percentiles(1, 40, 40)),
    ]


@time_machine.travel(NOON, tick=False)
def test_summary_covers_the_given_weeks(tables):
    for days in (0, 6, 7, 27, 28, 83, 84):
        start_times(NOON - timedelta(days=days), 10)
    assert [
        statistics.summarize_start_times("fake", weeks=weeks).count for weeks in (1, 4, 12)
    ] == [2, 4, 6]


@time_machine.travel(NOON, tick=False)
def test_summary_breaks_down_usual_and_slow_starts(tables):
    start_times(NOON - timedelta(days=1), *range(1, 101))
    found = statistics.summarize_start_times("fake")
    assert found.usual == {step: pytest.approx(50 * part) for step, part in PARTS.items()}
    assert found.slow == {step: pytest.approx(95 * part) for step, part in PARTS.items()}


PARTS = {"queue": 0.1, "provision": 0.3, "configure": 0.6}


@time_machine.travel(NOON, tick=False)
def test_summary_of_slow_starts_ignores_an_outlier(tables):
    start_times(NOON - timedelta(days=1), *[10] * 30, *[20] * 9, 28_800)
    assert statistics.summarize_start_times("fake").slow == {
        s: pytest.approx(20 * p) for s, p in PARTS.items()
    }


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_summary_of_few_starts_uses_measured_values(tables, count):
    start_times(NOON - timedelta(days=1), *[10] * count)
    found = statistics.summarize_start_times("fake")
    assert found.usual == found.slow == {s: pytest.approx(10 * p) for s, p in PARTS.items()}


def test_summary_without_starts_is_empty(tables):
    found = statistics.summarize_start_times("fake")
    assert (found.count, found.steps, found.days, found.usual, found.slow) == (0, {}, [], {}, {})
    assert found.cut_at is None


@time_machine.travel(NOON, tick=False)
def test_summary_separates_dry_runs_and_engines(tables):
    start_times(NOON - timedelta(days=1), 10)
    start_times(NOON - timedelta(days=1), 20, series="fake#dry-run")
    start_times(NOON - timedelta(days=1), 30, series="other")
    found = [
        statistics.summarize_start_times("fake"),
        statistics.summarize_start_times("fake", dry_runs=True),
        statistics.summarize_start_times("other"),
        statistics.summarize_start_times("other", dry_runs=True),
    ]
    assert [summary.count for summary in found] == [1, 1, 1, 0]
    assert [summary.steps["total"].p50 for summary in found[:3]] == [10, 20, 30]


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("count", [21, 60, 300])
def test_summary_reads_a_limited_number_of_rows(tables, rows_read, monkeypatch, count):
    monkeypatch.setattr(statistics, "MAX_ROWS", 20)
    oldest = NOON - timedelta(days=2)
    start_times(oldest, *range(1, count + 1))
    found = statistics.summarize_start_times("fake")
    assert len(rows_read) == 21
    assert (found.count, found.cut_at) == (20, oldest + timedelta(milliseconds=count - 20))
    assert found.steps["total"].p95 == count - 1


@time_machine.travel(NOON, tick=False)
def test_summary_of_all_starts_is_not_cut(tables, monkeypatch):
    monkeypatch.setattr(statistics, "MAX_ROWS", 20)
    start_times(NOON - timedelta(days=2), *range(20))
    assert statistics.summarize_start_times("fake").cut_at is None


def test_provisioners_with_starts_reads_one_row_each(tables, engine, rows_read):
    start_times(NOON, *range(30), series="fake")
    start_times(NOON, *range(30), series="local#dry-run")
    assert statistics.provisioners_with_starts(dry_runs=False) == ["fake"]
    assert statistics.provisioners_with_starts(dry_runs=True) == ["local"]
    assert rows_read == ["fake", "local#dry-run"]


# -- estimates for candidates ----------------------------------------------------------------------


def test_usual_duration_covers_four_of_five_of_the_latest_starts(tables, rows_read):
    start_times(NOON, *[500] * 40, *range(1, 51))
    assert statistics.usual_duration("fake") == timedelta(seconds=40)
    assert len(rows_read) == 50


@pytest.mark.parametrize(("count", "expected"), [(4, None), (5, timedelta(seconds=10))])
def test_usual_duration_needs_five_starts(tables, count, expected):
    start_times(NOON, *[10] * count)
    start_times(NOON, *[90] * 20, series="fake#dry-run")
    assert statistics.usual_duration("fake") == expected


def test_usual_duration_is_cached(tables, rows_read):
    start_times(NOON, *[10] * 5)
    assert [statistics.usual_duration("fake"), statistics.usual_duration("fake")] == [
        timedelta(seconds=10)
    ] * 2
    assert (len(rows_read), statistics.usual_duration("other")) == (5, None)


def test_usual_duration_is_read_again_after_the_cache_expired(tables, monkeypatch):
    monkeypatch.setattr(statistics, "USUAL_CACHE_SECONDS", 0.0)
    start_times(NOON, *[10] * 5)
    assert statistics.usual_duration("fake") == timedelta(seconds=10)
    start_times(NOON + timedelta(hours=1), *[30] * 5)
    assert statistics.usual_duration("fake") == timedelta(seconds=30)


def test_usual_duration_is_unknown_without_the_table(tables):
    StartTime.delete_table()
    assert statistics.usual_duration("fake") is None


def test_usual_duration_is_unknown_if_the_table_cannot_be_read(tables, monkeypatch):
    monkeypatch.setattr(StartTime.Meta, "host", "http://127.0.0.1:1")
    monkeypatch.setattr(StartTime, "_connection", None)
    assert statistics.usual_duration("fake") is None

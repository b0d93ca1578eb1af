"""How long starts take: what is kept of one, and the figures of many."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pynamodb.exceptions import PutError

from interviews.models import DRY_RUN, TAKE_HOME, Interview
from operations.indexes import Step
from operations.models import Operation
from operations.start_times import statistics
from operations.start_times.models import StartTime
from operations.start_times.statistics import Figures
from tests.conftest import operation_of
from tests.fakes import FakeStream
from tests.start_times import start_times

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    """This process was told no figure yet."""
    monkeypatch.setattr(statistics, "_usual", {})


def after(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def done(*steps: tuple[str, float], at: float, **attributes: Any) -> Operation:
    """A create operation that was queued at BEGAN, with its steps in seconds from there."""
    wanted: dict[str, Any] = {
        "id": "operation-1",
        "interview_id": "takehome-1",
        "type": "create",
        "status": "completed",
        "created_at": BEGAN,
        "steps": [Step(name=name, at=after(second)) for name, second in steps],
        "done_at": after(at),
    }
    return Operation(**wanted | attributes)


def of(type_: str) -> Interview:
    return Interview(id="takehome-1", type=type_, provisioner="fake")


def rows(series: str = "fake") -> list[dict[str, float]]:
    names = (*statistics.STEPS, statistics.TOTAL)
    return [{name: getattr(row, name) for name in names} for row in StartTime.query(series)]


@pytest.fixture
def rows_read(monkeypatch):
    """How many rows the table gave out."""
    counted: list[str] = []
    read = StartTime.from_raw_data.__func__

    def count(cls, data):
        counted.append(data["series"]["S"])
        return read(cls, data)

    monkeypatch.setattr(StartTime, "from_raw_data", classmethod(count))
    return counted


# -- what is kept ----------------------------------------------------------------------------------


def test_record_keeps_the_seconds_of_each_step(tables):
    statistics.record_start_time(
        done(("provision", 0.5), ("configure", 4.75), at=12.125), of(TAKE_HOME)
    )
    expected = {"queue": 0.5, "provision": 4.25, "configure": 7.375, "total": 12.125}
    assert rows() == [expected]


def test_record_counts_a_step_from_its_first_beginning_when_a_worker_repeated_it(tables):
    statistics.record_start_time(
        done(("provision", 1), ("provision", 31), ("configure", 35), at=40), of(TAKE_HOME)
    )
    assert rows() == [{"queue": 1, "provision": 34, "configure": 5, "total": 40}]


def test_record_counts_both_steps_again_when_a_worker_began_from_the_front(tables):
    steps = (("provision", 1), ("configure", 4), ("provision", 34), ("configure", 35))
    statistics.record_start_time(done(*steps, at=42), of(TAKE_HOME))
    assert rows() == [{"queue": 1, "provision": 4, "configure": 37, "total": 42}]


def test_record_takes_clocks_that_differ_for_no_time_at_all(tables):
    statistics.record_start_time(done(("provision", -2), ("configure", 3), at=2), of(TAKE_HOME))
    assert rows() == [{"queue": 0, "provision": 5, "configure": 0, "total": 2}]


def test_record_keeps_a_start_once(tables):
    operation = done(("provision", 1), ("configure", 4), at=9)
    statistics.record_start_time(operation, of(TAKE_HOME))
    statistics.record_start_time(operation, of(TAKE_HOME))
    assert len(rows()) == 1


def test_record_keeps_two_starts_of_one_millisecond(tables):
    steps = (("provision", 1), ("configure", 4))
    statistics.record_start_time(done(*steps, at=9), of(TAKE_HOME))
    statistics.record_start_time(done(*steps, at=9, id="operation-2"), of(TAKE_HOME))
    statistics.record_start_time(done(*steps, at=9, id="operation-2"), of(TAKE_HOME))
    assert [row.operation_id for row in StartTime.query("fake")] == ["operation-1", "operation-2"]


def test_record_keeps_dry_runs_apart(tables):
    statistics.record_start_time(done(("provision", 1), ("configure", 4), at=9), of(DRY_RUN))
    assert (len(rows()), len(rows("fake#dry-run"))) == (0, 1)


def test_record_leaves_out_what_was_not_timed(tables):
    statistics.record_start_time(done(at=9), of(TAKE_HOME))
    statistics.record_start_time(done(("provision", 1), at=9, done_at=None), of(TAKE_HOME))
    assert rows() == []


def test_record_is_kept_for_90_days(tables):
    statistics.record_start_time(done(("provision", 1), ("configure", 4), at=9), of(TAKE_HOME))
    assert next(StartTime.query("fake")).ttl == after(9) + timedelta(days=90)


def test_record_rings_the_pages_that_show_the_figures(tables, stream: FakeStream):
    statistics.record_start_time(done(("provision", 1), ("configure", 4), at=9), of(TAKE_HOME))
    assert [said["operationId"] for said in stream.said("operation")] == ["operation-1"]


def test_record_raises_what_the_table_raises(tables):
    StartTime.delete_table()
    with pytest.raises(PutError):
        statistics.record_start_time(done(("provision", 1), ("configure", 4), at=9), of(TAKE_HOME))


def test_record_takes_what_a_worker_wrote(running):
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
        # The example of the Wikipedia article on nearest rank.
        ([15, 20, 35, 40, 50], 35, 50),
        (range(1, 101), 50, 95),
        (range(1, 1001), 500, 950),
        (range(1, 22), 11, 20),
    ],
)
def test_percentile_is_the_nearest_rank(values, p50, p95):
    assert (statistics.percentile(values, 50), statistics.percentile(values, 95)) == (p50, p95)


# -- the figures -----------------------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_summary_has_each_step_and_each_day(tables):
    start_times(NOON - timedelta(days=27), 10, 20, 30)
    start_times(NOON - timedelta(hours=1), 40)
    found = statistics.summary("fake", weeks=4)
    assert (found.since, found.until, found.count) == (date(2026, 3, 3), date(2026, 3, 30), 4)
    assert found.steps == {
        "queue": Figures(4, 2, 4),
        "provision": Figures(4, 6, 12),
        "configure": Figures(4, 12, 24),
        "total": Figures(4, 20, 40),
    }
    assert [(day.date, day.steps["total"]) for day in found.days] == [
        (date(2026, 3, 3), Figures(3, 20, 30)),
        (date(2026, 3, 30), Figures(1, 40, 40)),
    ]


@time_machine.travel(NOON, tick=False)
def test_summary_goes_back_so_many_weeks(tables):
    for days in (0, 6, 7, 27, 28, 83, 84):
        start_times(NOON - timedelta(days=days), 10)
    assert [statistics.summary("fake", weeks=weeks).count for weeks in (1, 4, 12)] == [2, 4, 6]


@time_machine.travel(NOON, tick=False)
def test_summary_says_what_a_usual_start_and_a_slow_one_are_made_of(tables):
    start_times(NOON - timedelta(days=1), *range(1, 101))
    found = statistics.summary("fake")
    assert found.usual == {step: pytest.approx(50 * part) for step, part in PARTS.items()}
    assert found.slow == {step: pytest.approx(95 * part) for step, part in PARTS.items()}


PARTS = {"queue": 0.1, "provision": 0.3, "configure": 0.6}


@time_machine.travel(NOON, tick=False)
def test_summary_of_a_slow_start_is_not_that_of_one_that_waited_a_night(tables):
    start_times(NOON - timedelta(days=1), *[10] * 30, *[20] * 9, 28_800)
    assert statistics.summary("fake").slow == {s: pytest.approx(20 * p) for s, p in PARTS.items()}


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_summary_of_a_few_is_made_of_what_was_measured(tables, count):
    start_times(NOON - timedelta(days=1), *[10] * count)
    found = statistics.summary("fake")
    assert found.usual == found.slow == {s: pytest.approx(10 * p) for s, p in PARTS.items()}


def test_summary_of_nothing_is_empty(tables):
    found = statistics.summary("fake")
    assert (found.count, found.steps, found.days, found.usual, found.slow) == (0, {}, [], {}, {})
    assert found.cut_at is None


@time_machine.travel(NOON, tick=False)
def test_summary_keeps_dry_runs_and_engines_apart(tables):
    start_times(NOON - timedelta(days=1), 10)
    start_times(NOON - timedelta(days=1), 20, series="fake#dry-run")
    start_times(NOON - timedelta(days=1), 30, series="other")
    found = [
        statistics.summary("fake"),
        statistics.summary("fake", dry_runs=True),
        statistics.summary("other"),
        statistics.summary("other", dry_runs=True),
    ]
    assert [summary.count for summary in found] == [1, 1, 1, 0]
    assert [summary.steps["total"].p50 for summary in found[:3]] == [10, 20, 30]


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("count", [21, 60, 300])
def test_summary_reads_as_many_rows_however_many_there_are(tables, rows_read, monkeypatch, count):
    monkeypatch.setattr(statistics, "NEWEST", 20)
    oldest = NOON - timedelta(days=2)
    start_times(oldest, *range(1, count + 1))
    found = statistics.summary("fake")
    assert len(rows_read) == 21
    assert (found.count, found.cut_at) == (20, oldest + timedelta(milliseconds=count - 20))
    assert found.steps["total"].p95 == count - 1


@time_machine.travel(NOON, tick=False)
def test_summary_that_has_them_all_was_not_cut(tables, monkeypatch):
    monkeypatch.setattr(statistics, "NEWEST", 20)
    start_times(NOON - timedelta(days=2), *range(20))
    assert statistics.summary("fake").cut_at is None


def test_provisioners_with_starts_are_found_by_one_row_each(tables, engine, rows_read):
    start_times(NOON, *range(30), series="fake")
    start_times(NOON, *range(30), series="local#dry-run")
    assert statistics.provisioners_with(dry_runs=False) == ["fake"]
    assert statistics.provisioners_with(dry_runs=True) == ["local"]
    assert rows_read == ["fake", "local#dry-run"]


# -- what candidates are told ----------------------------------------------------------------------


def test_usually_is_what_four_of_five_of_the_latest_took(tables, rows_read):
    start_times(NOON, *[500] * 40, *range(1, 51))
    assert statistics.usual_duration("fake") == timedelta(seconds=40)
    assert len(rows_read) == 50


@pytest.mark.parametrize(("count", "expected"), [(4, None), (5, timedelta(seconds=10))])
def test_usually_needs_five_starts(tables, count, expected):
    start_times(NOON, *[10] * count)
    start_times(NOON, *[90] * 20, series="fake#dry-run")
    assert statistics.usual_duration("fake") == expected


def test_usually_is_looked_up_once_in_a_while(tables, rows_read):
    start_times(NOON, *[10] * 5)
    assert [statistics.usual_duration("fake"), statistics.usual_duration("fake")] == [
        timedelta(seconds=10)
    ] * 2
    assert (len(rows_read), statistics.usual_duration("other")) == (5, None)


def test_usually_is_looked_up_again_when_it_is_old(tables, monkeypatch):
    monkeypatch.setattr(statistics, "USUAL_FOR", 0.0)
    start_times(NOON, *[10] * 5)
    assert statistics.usual_duration("fake") == timedelta(seconds=10)
    start_times(NOON + timedelta(hours=1), *[30] * 5)
    assert statistics.usual_duration("fake") == timedelta(seconds=30)


def test_usually_is_unknown_where_the_table_is_missing(tables):
    StartTime.delete_table()
    assert statistics.usual_duration("fake") is None


def test_usually_is_unknown_where_the_table_cannot_be_read(tables, monkeypatch):
    monkeypatch.setattr(StartTime.Meta, "host", "http://127.0.0.1:1")
    monkeypatch.setattr(StartTime, "_connection", None)
    assert statistics.usual_duration("fake") is None

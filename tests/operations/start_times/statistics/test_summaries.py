"""Percentiles, summaries and estimates of start times."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from operations.start_times import statistics
from operations.start_times.models import StartTime
from operations.start_times.statistics import Percentiles
from tests.start_times import start_times

NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


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

"""How long starts take: one row per successful start, and the figures that people are told."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from pynamodb.exceptions import PutError, PynamoDBException

from interviews.dynamodb import (
    is_condition_failure,
)
from interviews.models import Interview
from operations import provisioners
from operations.models import Operation
from operations.start_times.models import StartTime, series_key

log = structlog.get_logger(__name__)

START_TIMES_RETENTION = timedelta(days=90)
# The steps of a start, in order, and all of them together.
QUEUE, PROVISION, CONFIGURE, TOTAL = "queue", "provision", "configure", "total"
STEPS = (QUEUE, PROVISION, CONFIGURE)
# Figures are of the newest starts, so many at most: a page costs the same however many there were.
MAX_ROWS = 1_000

# What a candidate is told: four of five of the latest starts took no longer.
USUAL_PERCENT = 80
USUAL_SAMPLE_SIZE = 50
USUAL_MIN_SAMPLES = 5
USUAL_CACHE_SECONDS = 60.0  # seconds that a process keeps the figure


def record_start_time(operation: Operation, interview: Interview) -> None:
    """Keep how long the steps of a successful start took; repeated, it changes nothing.

    Raises only what the table raises. An operation of before steps were timed is left out.
    """
    if operation.done_at is None or not operation.steps:
        return
    row = StartTime(
        series=series_key(str(interview.provisioner), dry_runs=interview.is_dry_run),
        at=operation.done_at,
        operation_id=operation.id,
        ttl=operation.done_at + START_TIMES_RETENTION,
    )
    for name, seconds in step_seconds(operation).items():
        setattr(row, name, seconds)
    while True:
        try:
            row.save(StartTime.series.does_not_exist() | (StartTime.operation_id == operation.id))
            break
        except PutError as error:
            if not is_condition_failure(error):
                raise
            # Another start was done in the same millisecond.
            row.at += timedelta(milliseconds=1)
    # Pages looked when the operation was closed, which was before this row.
    operation.announce()


def step_seconds(operation: Operation) -> dict[str, float]:
    """The seconds of each step and in total, of an operation that is done.

    A step that a further worker repeated lasted from its first beginning on. Clocks of several
    machines differ: what would be less than nothing is nothing.
    """
    done_at = operation.done_at or operation.steps[-1].at
    ends = [step.at for step in operation.steps[1:]] + [done_at]
    seconds = dict.fromkeys(STEPS, 0.0)
    queued_at = operation.queued_at or operation.created_at
    seconds[QUEUE] = _between(queued_at, operation.steps[0].at)
    for step, end in zip(operation.steps, ends, strict=True):
        if step.name in seconds:
            seconds[step.name] += _between(step.at, end)
    seconds[TOTAL] = _between(queued_at, done_at)
    return {name: round(value, 3) for name, value in seconds.items()}


def _between(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())


# -- what staff sees -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Percentiles:
    """Half of the starts took no longer than p50 seconds, 95 of 100 no longer than p95."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True)
class DayStatistics:
    """One day, in UTC, on which there were starts."""

    date: date
    steps: dict[str, Percentiles]


@dataclass(frozen=True)
class StartTimeSummary:
    """The starts on one engine from `since` to `until`, both included; days are those of UTC."""

    provisioner: str
    since: date
    until: date
    # Where there were more than NEWEST: the moment of the oldest one that was read.
    cut_at: datetime | None
    steps: dict[str, Percentiles]
    days: list[DayStatistics]
    # The seconds of each step, averaged over the starts around p50 and around p95: one that waited
    # a night for a worker says nothing of either.
    usual: dict[str, float]
    slow: dict[str, float]

    @property
    def count(self) -> int:
        return self.steps[TOTAL].count if self.steps else 0


def summarize_start_times(
    provisioner: str, *, weeks: int = 4, dry_runs: bool = False
) -> StartTimeSummary:
    """The figures of so many weeks up to now. Reads NEWEST rows and one, however many there are."""
    until = datetime.now(UTC).date()
    since = until - timedelta(days=7 * weeks - 1)
    begin = datetime.combine(since, datetime.min.time(), UTC)
    series = series_key(provisioner, dry_runs=dry_runs)
    rows = _newest(series, MAX_ROWS + 1, since=begin)
    is_cut = len(rows) > MAX_ROWS
    rows = rows[:MAX_ROWS]
    by_day: dict[date, list[StartTime]] = {}
    for row in reversed(rows):
        by_day.setdefault(row.at.date(), []).append(row)
    slowest_last = sorted(rows, key=lambda row: row.total)
    return StartTimeSummary(
        provisioner=provisioner,
        since=since,
        until=until,
        cut_at=rows[-1].at if is_cut else None,
        steps=_figures(rows),
        days=[DayStatistics(day, _figures(found)) for day, found in by_day.items()],
        usual=_around(slowest_last, 50, share=0.1),
        slow=_around(slowest_last, 95, share=0.03),
    )


def provisioners_with_starts(*, dry_runs: bool) -> list[str]:
    """The engines that started something; reads one row of each."""
    return [
        name
        for name in sorted(provisioners.FACTORIES)
        if _newest(series_key(name, dry_runs=dry_runs), 1)
    ]


def percentile_index(percent: int, count: int) -> int:
    """The place, from 0, of a percentile among so many in order: the nearest rank, which is that
    of a value that was measured. -1 where there are none."""
    return math.ceil(count * percent / 100) - 1


def percentile(values: Iterable[float], percent: int) -> float:
    """By nearest rank; raises IndexError where there are no values."""
    in_order = sorted(values)
    return in_order[percentile_index(percent, len(in_order))]


def _newest(series: str, limit: int, *, since: datetime | None = None) -> list[StartTime]:
    """Newest first; reads no more rows than it returns."""
    after = None if since is None else StartTime.at >= since
    return list(StartTime.query(series, after, scan_index_forward=False, limit=limit))


def _figures(rows: list[StartTime]) -> dict[str, Percentiles]:
    if not rows:
        return {}
    figures = {}
    for step in (*STEPS, TOTAL):
        seconds = [float(getattr(row, step)) for row in rows]
        figures[step] = Percentiles(len(rows), percentile(seconds, 50), percentile(seconds, 95))
    return figures


def _around(slowest_last: list[StartTime], percent: int, *, share: float) -> dict[str, float]:
    """The average seconds of each step in the starts up to such a share of all to either side."""
    if not slowest_last:
        return {}
    place, reach = percentile_index(percent, len(slowest_last)), int(len(slowest_last) * share)
    rows = slowest_last[max(0, place - reach) : place + reach + 1]
    return {step: sum(float(getattr(row, step)) for row in rows) / len(rows) for step in STEPS}


# -- what candidates are told ----------------------------------------------------------------------

# By engine: until when (monotonic) the figure holds, and the figure.
_usual: dict[str, tuple[float, timedelta | None]] = {}


def usual_duration(provisioner: str) -> timedelta | None:
    """Within this, four of five of the latest tests and interviews were ready.

    None: there were too few, or the table cannot be read. Each process looks once a minute.
    """
    known_until, figure = _usual.get(provisioner, (0.0, None))
    if time.monotonic() >= known_until:
        figure = _look(provisioner)
        _usual[provisioner] = (time.monotonic() + USUAL_CACHE_SECONDS, figure)
    return figure


def _look(provisioner: str) -> timedelta | None:
    try:
        rows = _newest(series_key(provisioner, dry_runs=False), USUAL_SAMPLE_SIZE)
    except PynamoDBException as error:
        # A page that works without the figure must not fail for it.
        log.warning("start_times_unread", reason=type(error).__name__)
        return None
    if len(rows) < USUAL_MIN_SAMPLES:
        return None
    return timedelta(seconds=percentile((float(row.total) for row in rows), USUAL_PERCENT))

"""How long starts take: record each successful start, and summarize the recorded ones."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from pynamodb.exceptions import PutError, PynamoDBException

from interviews.dynamodb import is_condition_failure
from interviews.models import Interview
from operations import provisioners
from operations.models import Operation
from operations.start_times.models import StartTime, series_key

log = structlog.get_logger(__name__)

# Not RETENTION_DAYS: start times identify no person, and estimates for candidates rest on them.
START_TIMES_RETENTION = timedelta(days=90)
# The steps of a start, in order, and their sum.
QUEUE, PROVISION, CONFIGURE, TOTAL = "queue", "provision", "configure", "total"
STEPS = (QUEUE, PROVISION, CONFIGURE)
# A summary reads at most this many of the newest starts, so that the cost of a page is bounded.
MAX_ROWS = 1_000

# The estimate for candidates: four of five of the latest starts took no longer.
USUAL_PERCENT = 80
USUAL_SAMPLE_SIZE = 50
USUAL_MIN_SAMPLES = 5
USUAL_CACHE_SECONDS = 60.0


def record_start_time(operation: Operation, interview: Interview) -> None:
    """Record how long the steps of a successful start took. Repeating the call changes nothing.

    Ignores operations that are older than the timing of steps.
    """
    finished_at = operation.finished_at_precise
    if finished_at is None or not operation.steps:
        return
    row = StartTime(
        series=series_key(str(interview.provisioner), dry_runs=interview.is_dry_run),
        at=finished_at,
        operation_id=operation.id,
        ttl=finished_at + START_TIMES_RETENTION,
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
            # Another start finished in the same millisecond.
            row.at += timedelta(milliseconds=1)
    # Pages refreshed when the operation was closed, which was before this row was written.
    operation.announce()


def step_seconds(operation: Operation) -> dict[str, float]:
    """The seconds of each step of a finished operation, and their total.

    A step that another worker repeated counts from its first start. Clocks of several machines
    differ, so a negative duration counts as 0.
    """
    finished_at = operation.finished_at_precise or operation.steps[-1].at
    ends = [step.at for step in operation.steps[1:]] + [finished_at]
    seconds = dict.fromkeys(STEPS, 0.0)
    # Time in line for a place is no part of it.
    begun_at = operation.begun_at
    seconds[QUEUE] = _seconds_between(begun_at, operation.steps[0].at)
    for step, end in zip(operation.steps, ends, strict=True):
        if step.name in seconds:
            seconds[step.name] += _seconds_between(step.at, end)
    seconds[TOTAL] = _seconds_between(begun_at, finished_at)
    return {name: round(value, 3) for name, value in seconds.items()}


def _seconds_between(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())


# -- for staff -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Percentiles:
    """The median and the 95th percentile, in seconds, of `count` starts."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True)
class DayStatistics:
    """The starts of one day, in UTC."""

    date: date
    steps: dict[str, Percentiles]


@dataclass(frozen=True)
class StartTimeSummary:
    """The starts on one engine from `since` to `until`, both included, by days in UTC."""

    provisioner: str
    since: date
    until: date
    # The time of the oldest start that was read, if there were more than MAX_ROWS.
    cut_at: datetime | None
    steps: dict[str, Percentiles]
    days: list[DayStatistics]
    # The seconds of each step, averaged over the starts around p50 and around p95, so that a start
    # that waited all night for a worker distorts neither.
    usual: dict[str, float]
    slow: dict[str, float]

    @property
    def count(self) -> int:
        return self.steps[TOTAL].count if self.steps else 0


def summarize_start_times(
    provisioner: str, *, weeks: int = 4, dry_runs: bool = False
) -> StartTimeSummary:
    """The statistics of the last weeks, up to today. Reads at most MAX_ROWS + 1 rows."""
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
    by_total = sorted(rows, key=lambda row: row.total)
    return StartTimeSummary(
        provisioner=provisioner,
        since=since,
        until=until,
        cut_at=rows[-1].at if is_cut else None,
        steps=_step_percentiles(rows),
        days=[DayStatistics(day, _step_percentiles(starts)) for day, starts in by_day.items()],
        usual=_average_around(by_total, 50, share=0.1),
        slow=_average_around(by_total, 95, share=0.03),
    )


def provisioners_with_starts(*, dry_runs: bool) -> list[str]:
    """The names of the engines with recorded starts. Reads one row of each."""
    return [
        name
        for name in sorted(provisioners.FACTORIES)
        if _newest(series_key(name, dry_runs=dry_runs), 1)
    ]


def percentile_index(percent: int, count: int) -> int:
    """The index, from 0, of a percentile among `count` sorted values, or -1 if there are none.

    This is the nearest rank, so the percentile is always a measured value.
    """
    return math.ceil(count * percent / 100) - 1


def percentile(values: Iterable[float], percent: int) -> float:
    """The percentile by nearest rank.

    Raises:
        IndexError: if there are no values.
    """
    sorted_values = sorted(values)
    return sorted_values[percentile_index(percent, len(sorted_values))]


def _newest(series: str, limit: int, *, since: datetime | None = None) -> list[StartTime]:
    """The newest starts first. Reads no more rows than it returns."""
    after = None if since is None else StartTime.at >= since
    return list(StartTime.query(series, after, scan_index_forward=False, limit=limit))


def _step_percentiles(rows: list[StartTime]) -> dict[str, Percentiles]:
    if not rows:
        return {}
    percentiles = {}
    for step in (*STEPS, TOTAL):
        seconds = [float(getattr(row, step)) for row in rows]
        percentiles[step] = Percentiles(len(rows), percentile(seconds, 50), percentile(seconds, 95))
    return percentiles


def _average_around(by_total: list[StartTime], percent: int, *, share: float) -> dict[str, float]:
    """The average seconds of each step in the starts around a percentile.

    Averages over the starts that are at most `share` of all starts away to either side.
    """
    if not by_total:
        return {}
    index = percentile_index(percent, len(by_total))
    distance = int(len(by_total) * share)
    rows = by_total[max(0, index - distance) : index + distance + 1]
    return {step: sum(float(getattr(row, step)) for row in rows) / len(rows) for step in STEPS}


# -- for candidates --------------------------------------------------------------------------------

# The cached estimates by engine: when each expires (monotonic seconds), and the estimate.
_usual: dict[str, tuple[float, timedelta | None]] = {}


def usual_duration(provisioner: str) -> timedelta | None:
    """The time within which four of five of the latest tests and interviews were ready.

    Returns None if there were too few starts, or if the table is unavailable. Each process reads
    the table once a minute.
    """
    expires_at, duration = _usual.get(provisioner, (0.0, None))
    if time.monotonic() >= expires_at:
        duration = _read_usual_duration(provisioner)
        _usual[provisioner] = (time.monotonic() + USUAL_CACHE_SECONDS, duration)
    return duration


def _read_usual_duration(provisioner: str) -> timedelta | None:
    try:
        rows = _newest(series_key(provisioner, dry_runs=False), USUAL_SAMPLE_SIZE)
    except PynamoDBException as error:
        # The page works without the estimate.
        log.warning("start_times_unread", reason=type(error).__name__)
        return None
    if len(rows) < USUAL_MIN_SAMPLES:
        return None
    return timedelta(seconds=percentile((float(row.total) for row in rows), USUAL_PERCENT))

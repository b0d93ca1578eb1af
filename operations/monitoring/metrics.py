"""Prometheus metrics of operations and events, for this process alone.

Each process has its own figures and loses them when it ends; Prometheus sums over processes. Labels
have few values: never an id, a name or a passcode.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import Counter, Histogram, disable_created_metrics

# The `_created` series are used nowhere and would double the number of series.
disable_created_metrics()  # type: ignore[no-untyped-call]

OUTCOMES = ("completed", "failed", "cancelled")

OPERATIONS = Counter(
    "takehome_operations_total", "Operations that came to their end.", ["type", "outcome"]
)
RETRIES = Counter(
    "takehome_operation_retries_total",
    "Tries of an operation that failed and will be repeated.",
    ["type"],
)
STEPS = Histogram(
    "takehome_step_seconds",
    "How long the steps of completed operations took; queue: until a worker began.",
    ["engine", "type", "step"],
    buckets=(0.5, 1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900),
)
EVENT_DELAY = Histogram(
    "takehome_event_delay_seconds",
    "From the write of an event to its hand-over to the browsers of this process.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def initialize_series(types: Iterable[str]) -> None:
    """Create every series with 0, as a rate does not see the first increment of a new series."""
    for type_ in types:
        RETRIES.labels(type_)
        for outcome in OUTCOMES:
            OPERATIONS.labels(type_, outcome)


def count_ended(type_: str, outcome: str) -> None:
    """Count an operation that this process closed."""
    OPERATIONS.labels(type_, outcome).inc()


def count_retry(type_: str) -> None:
    """Count a failed attempt at an operation that will be retried."""
    RETRIES.labels(type_).inc()


def observe_steps(
    engine: str,
    type_: str,
    queued_at: datetime,
    steps: Sequence[tuple[str, datetime]],
    finished_at: datetime,
) -> None:
    """Observe the durations of a completed operation's steps. `steps` are names and start times.

    Only the last run of a repeated step counts, as the waits between attempts are no work.
    """
    starts = [("queue", queued_at), *steps]
    ends = [started_at for _, started_at in steps] + [finished_at]
    durations = {
        name: (ended_at - started_at).total_seconds()
        for (name, started_at), ended_at in zip(starts, ends, strict=True)
    }
    for step, seconds in durations.items():
        # Clocks of several machines differ, so a duration may come out negative.
        STEPS.labels(engine, type_, step).observe(max(0.0, seconds))


def observe_event_delay(written_ms: int) -> None:
    """Observe the delay of an event that reached the listeners. `written_ms` is its epoch time."""
    EVENT_DELAY.observe(max(0.0, time.time() - written_ms / 1000))

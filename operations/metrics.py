"""What is counted and timed of the work, for Prometheus: the figures of this process alone.

Each process has its own and loses them with its end; sums over all of them are Prometheus's work.
Labels have few values: never an id, a name or a passcode.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import Counter, Histogram, disable_created_metrics

# When a series began is told by nothing here, and doubles the counts of series.
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
    """Have every series there before its first count: a rate would not see that one otherwise."""
    for type_ in types:
        RETRIES.labels(type_)
        for outcome in OUTCOMES:
            OPERATIONS.labels(type_, outcome)


def count_ended(type_: str, outcome: str) -> None:
    """An operation was closed, by whichever process wrote it."""
    OPERATIONS.labels(type_, outcome).inc()


def count_retry(type_: str) -> None:
    """A try of an operation failed, and it waits for the next one."""
    RETRIES.labels(type_).inc()


def observe_steps(
    engine: str,
    type_: str,
    queued_at: datetime,
    steps: Sequence[tuple[str, datetime]],
    done_at: datetime,
) -> None:
    """The steps of a completed operation, in order, by when each began.

    Of a step that was repeated the last time counts: waits between tries are no work.
    """
    begins = [("queue", queued_at), *steps]
    ends = [at for _, at in steps] + [done_at]
    seconds = {
        name: (end - at).total_seconds() for (name, at), end in zip(begins, ends, strict=True)
    }
    for step, length in seconds.items():
        # Clocks of several machines differ: what would be less than nothing is nothing.
        STEPS.labels(engine, type_, step).observe(max(0.0, length))


def observe_event_delay(written_ms: int) -> None:
    """An event that was written at this epoch millisecond reached the listeners."""
    EVENT_DELAY.observe(max(0.0, time.time() - written_ms / 1000))

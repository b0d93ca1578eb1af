"""Recorded start times for the statistics."""

from datetime import datetime, timedelta

from operations.start_times import statistics
from operations.start_times.models import StartTime


def start_times(at: datetime, *totals: float, series: str = "fake") -> None:
    """Record starts, one millisecond apart, whose steps took 10, 30 and 60 percent of the total."""
    with StartTime.batch_write() as batch:
        for number, total in enumerate(totals):
            batch.save(
                StartTime(
                    series=series,
                    at=at + timedelta(milliseconds=number),
                    operation_id=f"operation-{number}",
                    queue=total * 0.1,
                    provision=total * 0.3,
                    configure=total * 0.6,
                    total=total,
                    ttl=at + statistics.START_TIMES_RETENTION,
                )
            )

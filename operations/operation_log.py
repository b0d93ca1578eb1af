"""The log of an operation, which staff read."""

import time

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from interviews.dynamodb import TimeAttribute, is_condition_failure, now, table_meta
from interviews.events import LogAdded, publish
from interviews.retention import retention
from operations.models import LONGEST_LIFE, Operation


class OperationLog(Model):
    """One line of an operation's log, ordered by `seq`."""

    Meta = table_meta("operation_logs")

    operation_id = UnicodeAttribute(attr_name="operationId", hash_key=True)
    # Nanoseconds since the epoch, which order the lines: one worker at a time writes them.
    seq = NumberAttribute(range_key=True)
    at = TimeAttribute()
    level = UnicodeAttribute()
    message = UnicodeAttribute()
    ttl = TimeAttribute()


def add_line(operation: Operation, message: str, *, level: str = "info") -> None:
    """Append a line and publish an event to the browsers of staff."""
    line = OperationLog(
        operation_id=operation.id,
        seq=time.time_ns(),
        at=now(),
        level=level,
        message=message[:4000],
        ttl=now() + LONGEST_LIFE + retention(),
    )
    while True:
        try:
            line.save(OperationLog.operation_id.does_not_exist())
            break
        except PutError as error:
            if not is_condition_failure(error):
                raise
            line.seq += 1
    publish(LogAdded(interview_id=operation.interview_id, operation_id=operation.id))


def read_lines(operation_id: str, *, after: int = 0, limit: int = 500) -> list[OperationLog]:
    """The lines after the `seq` given, oldest first."""
    return list(
        OperationLog.query(
            operation_id, OperationLog.seq > after, limit=limit, consistent_read=True
        )
    )

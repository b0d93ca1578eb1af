"""The other way round: running tests whose workspace the engine does not hold any more.

The look that every running workspace gets starts it again, or finds that its files are gone. Here
staff is told what was seen, once, and the look is asked for at once.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import structlog

from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from operations import models, operation_log
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

SENTENCE = "The engine holds no workspace of this name any more."


def report_missing(
    engine: str, rows: Iterable[Interview], held: Collection[str], looked_at: datetime
) -> None:
    """Of the `rows`, those that ran on the engine before it was looked at and are not among what
    it holds."""
    for row in rows:
        ran = row.ready_at is not None and row.ready_at < looked_at
        is_here = row.status == Status.ACTIVE and row.provisioner == engine
        if is_here and ran and row.workspace_name not in held:
            _tell(row)


def _tell(row: Interview) -> None:
    operation = models.get_operation(row.operation_id or "")
    if row.problem is not None or (operation is not None and operation.is_unfinished):
        return  # it was told, or it is being started again at this moment
    try:
        row.change(failed_step="look", problem=SENTENCE)
    except StaleWriteError:
        return
    logger.warning("workspace_missing", interview=row.id, engine=row.provisioner)
    if operation is not None:
        operation_log.add_line(operation, SENTENCE, level="error")
    dispatch.enqueue_health_check(row.id)

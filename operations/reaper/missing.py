"""Report running interviews whose workspace the engine no longer holds.

This tells staff once and dispatches a health check immediately. The health check then starts the
workspace again, or finds that its files are gone.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import structlog

from interviews.lifecycle import Status
from interviews.models import Interview, StaleWriteError
from operations import models, operation_log
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

MISSING_SENTENCE = "The engine no longer has a workspace with this name."


def report_missing(
    engine: str, rows: Iterable[Interview], workspace_names: Collection[str], scanned_at: datetime
) -> None:
    """Report interviews that were ready before the scan, but are not among `workspace_names`."""
    for row in rows:
        was_ready = row.ready_at is not None and row.ready_at < scanned_at
        is_on_engine = row.status == Status.ACTIVE and row.provisioner == engine
        if is_on_engine and was_ready and row.workspace_name not in workspace_names:
            _report(row)


def _report(row: Interview) -> None:
    operation = models.get_operation(row.operation_id or "")
    if row.problem is not None or (operation is not None and operation.is_unfinished):
        return  # it is already reported, or is being started again
    try:
        row.change(failed_step="look", problem=MISSING_SENTENCE)
    except StaleWriteError:
        return
    logger.warning("workspace_missing", interview=row.id, engine=row.provisioner)
    if operation is not None:
        operation_log.add_line(operation, MISSING_SENTENCE, level="error")
    dispatch.enqueue_health_check(row.id)

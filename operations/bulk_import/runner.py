"""Invite the queued rows of a file, some at a time.

If a worker is killed, another one takes over after BATCH_LEASE. A row whose interview exists
already is only marked as done.
"""

import traceback
from datetime import timedelta

import structlog
from botocore.exceptions import BotoCoreError
from django.db import DatabaseError
from django.db.models import Q
from pydantic import ValidationError
from pynamodb.exceptions import PynamoDBException

from interviews.dynamodb import now
from interviews.models import StaleWriteError
from interviews.schemas.invitations import TakeHomeInvitation
from operations import actions
from operations.bulk_import import columns
from operations.bulk_import.models import Batch, BatchRow, RowStatus
from operations.exceptions import InvalidInputError
from operations.queue import dispatch
from operations.worker import handler
from operations.worker.handler import UNEXPECTED_ERROR

logger = structlog.get_logger(__name__)

# The rows that one task invites before it lets other tasks run.
ROWS_PER_TASK = 50
# A worker's lease of a batch, which it renews with each row.
BATCH_LEASE = timedelta(seconds=20)
# These do not fail the row: it stays queued, and the periodic task dispatches the batch again.
UNAVAILABLE = (PynamoDBException, BotoCoreError, DatabaseError, StaleWriteError)


def run_unfinished() -> None:
    """Dispatch the batches with queued rows that no worker has leased."""
    unfinished = Batch.objects.filter(_is_free(), rows__state=RowStatus.QUEUED).distinct()
    for batch_id in unfinished.values_list("pk", flat=True)[:20]:
        dispatch.enqueue_bulk_import(batch_id)


def run_batch(batch_id: int) -> None:
    """Invite some of the queued rows, unless another worker does, and dispatch the rest."""
    if not Batch.objects.filter(_is_free(), pk=batch_id).update(taken_until=now() + BATCH_LEASE):
        return
    batch = Batch.objects.get(pk=batch_id)
    try:
        for row in batch.rows.filter(state=RowStatus.QUEUED)[:ROWS_PER_TASK]:
            if handler.shutdown_requested.is_set():
                return
            row.batch = batch
            invite_row(row)
            Batch.objects.filter(pk=batch_id).update(taken_until=now() + BATCH_LEASE)
            batch.announce()
    finally:
        # Release the lease after an error, too: the row is still queued, and the periodic task
        # dispatches the batch again.
        Batch.objects.filter(pk=batch_id).update(taken_until=None)
    if batch.rows.filter(state=RowStatus.QUEUED).exists():
        dispatch.enqueue_bulk_import(batch_id)


def invite_row(row: BatchRow) -> None:
    """Invite the candidate of a queued row. Repeated calls create a single interview."""
    try:
        invitation = TakeHomeInvitation.model_validate(row.invitation)
        interview = actions.invite(invitation, by=row.wanted_by, id_=row.planned_interview_id())
    except ValidationError as errors:
        _close(row, RowStatus.FAILED, error=" ".join(columns.error_messages(errors))[:300])
    except InvalidInputError as error:
        label = columns.LABELS.get(error.field, error.field)
        _close(row, RowStatus.FAILED, error=f"{label}: {error.message}"[:300])
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001
        # Do not block the remaining rows. Log only the traceback, as the message may contain a
        # passcode.
        trace = "".join(traceback.format_tb(error.__traceback__))
        reason = type(error).__name__
        logger.error("row_not_invited", batch=row.batch_id, row=row.number, reason=reason, at=trace)  # noqa: TRY400
        _close(row, RowStatus.FAILED, error=UNEXPECTED_ERROR)
    else:
        _close(row, RowStatus.DONE, interview_id=interview.id)


def _close(row: BatchRow, status: RowStatus, **changes: str) -> None:
    queued = BatchRow.objects.filter(pk=row.pk, state=RowStatus.QUEUED)
    queued.update(state=status, **changes)


def _is_free() -> Q:
    return Q(taken_until=None) | Q(taken_until__lte=now())

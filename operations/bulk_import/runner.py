"""Inviting the chosen rows of a file, bit by bit, by whichever worker has the time.

A worker that is killed loses the batch after TAKEN, and the next one goes on: a row whose interview
is there already is only written down as done.
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
from interviews.schemas import TakeHomeInvitation
from operations import actions
from operations.bulk_import import columns
from operations.bulk_import.models import Batch, BatchRow, RowStatus
from operations.exceptions import InvalidInputError
from operations.queue import dispatch
from operations.worker import handler
from operations.worker.handler import UNEXPECTED_ERROR

logger = structlog.get_logger(__name__)

# Rows that one task invites before it makes room for others.
ROWS_PER_TASK = 50
# Whoever has the batch renews this with each row.
BATCH_LEASE = timedelta(seconds=20)
# No row's fault: it stays chosen, and the schedule rings again.
UNAVAILABLE = (PynamoDBException, BotoCoreError, DatabaseError, StaleWriteError)


def run_unfinished() -> None:
    """Ring for the batches with chosen rows that nobody is at."""
    waiting = Batch.objects.filter(_is_free(), rows__state=RowStatus.QUEUED).distinct()
    for batch_id in waiting.values_list("pk", flat=True)[:20]:
        dispatch.enqueue_bulk_import(batch_id)


def run_batch(batch_id: int) -> None:
    """Invite some of the chosen rows, unless another worker is at it; ring for the rest."""
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
        # Also where a database is away: the schedule rings again, and the row is still chosen.
        Batch.objects.filter(pk=batch_id).update(taken_until=None)
    if batch.rows.filter(state=RowStatus.QUEUED).exists():
        dispatch.enqueue_bulk_import(batch_id)


def invite_row(row: BatchRow) -> None:
    """Invite the candidate of a chosen row, once however often this is called."""
    try:
        invitation = TakeHomeInvitation.model_validate(row.invitation)
        interview = actions.invite(invitation, by=row.wanted_by, id_=row.interview_id_to_be())
    except ValidationError as errors:
        _close(row, RowStatus.FAILED, error=" ".join(columns.error_messages(errors))[:300])
    except InvalidInputError as error:
        label = columns.LABELS.get(error.field, error.field)
        _close(row, RowStatus.FAILED, error=f"{label}: {error.message}"[:300])
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001
        # It must not keep those after it waiting for ever. Its text may quote a passcode.
        trace = "".join(traceback.format_tb(error.__traceback__))
        reason = type(error).__name__
        logger.error("row_not_invited", batch=row.batch_id, row=row.number, reason=reason, at=trace)  # noqa: TRY400
        _close(row, RowStatus.FAILED, error=UNEXPECTED_ERROR)
    else:
        _close(row, RowStatus.DONE, interview_id=interview.id)


def _close(row: BatchRow, state: RowStatus, **changes: str) -> None:
    mine = BatchRow.objects.filter(pk=row.pk, state=RowStatus.QUEUED)
    mine.update(state=state, **changes)


def _is_free() -> Q:
    return Q(taken_until=None) | Q(taken_until__lte=now())

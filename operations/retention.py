"""Deleting an ended interview: the files in the store, its operations and their log, the words by
which it is found, and at last the row.

In this order nothing is left that no row knows of. A crash leaves a row without files, which can be
deleted again.
"""

import contextlib
import posixpath

import structlog
from django.core.files.storage import default_storage
from pynamodb.exceptions import DeleteError

from interviews import queries
from interviews.dynamodb import is_condition_failure, now
from interviews.legacy import lazy_migration
from interviews.lifecycle import FINAL
from interviews.models import (
    DRY_RUN,
    LIVE,
    RETENTION,
    TAKE_HOME,
    Interview,
    StaleWriteError,
)
from interviews.search.index import unindex_interview
from operations import archive, models
from operations.bulk_import import service
from operations.exceptions import WrongStateError
from operations.mail import outbox
from operations.models import Operation
from operations.operation_log import OperationLog
from operations.webhooks import outbox_relay

logger = structlog.get_logger(__name__)


def delete_interview(interview: Interview, *, by: str) -> None:
    """Delete an ended interview for good. WrongStateError: it is not over. StaleWriteError:
    somebody opened it again in this moment, and everything is there still."""
    if interview.state not in FINAL:
        raise WrongStateError(
            f"It is {interview.state.badge.lower()}: only what is over can be deleted."
        )
    _close(interview)
    _delete_files(interview)
    for operation in _operations(interview):
        _delete_operation(operation)
    unindex_interview(interview)
    outbox_relay.delete_change(interview.id)
    outbox.delete_messages_of(interview.id)
    service.erase_interview(interview.id)
    lazy_migration.delete_takehome(interview)
    _delete_row(interview)
    logger.info("interview_deleted", interview=interview.id, by=by)
    interview.announce()


def delete_expired(limit: int = 100) -> None:
    """Delete what ended longer ago than it is kept, files and all; so many of each type at once."""
    before = now() - RETENTION
    for type_ in (TAKE_HOME, LIVE, DRY_RUN):
        rows = Interview.ended_index.query(
            f"{type_}-ended",
            Interview.completed_at <= before,
            limit=limit,
            attributes_to_get=["id"],
        )
        for interview_id in [row.id for row in rows]:
            interview = queries.get_interview(interview_id)
            # The index may be late: it may have been opened again.
            if interview is None or interview.state not in FINAL:
                continue
            try:
                delete_interview(interview, by="schedule")
            except Exception:
                logger.exception("old_interview_not_deleted", interview=interview_id)


def _close(interview: Interview) -> None:
    """From here on nobody can open it again: its files are still known, but no longer offered.

    This write counts as a change of the time, so that whoever decided on the row as it was before,
    files and all, has lost the race. Raises StaleWriteError.
    """
    interview.change_time(
        earlier_archives=archive.earlier(interview),
        history_s3_key=None,
        archive_bytes=None,
        archive_sha256=None,
    )


def _delete_files(interview: Interview) -> None:
    """Those that the row knows of, and what an end that was cut short may have left beside them."""
    for file in interview.earlier_archives:
        default_storage.delete(file.key)
    folder = posixpath.dirname(archive.key_of(interview.id, ""))
    with contextlib.suppress(FileNotFoundError):
        for name in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{name}")
        default_storage.delete(folder)


def _operations(interview: Interview) -> list[Operation]:
    """All of them, also the last one where the index does not know of it yet."""
    found = {row.id: row for row in Operation.interview_index.query(interview.id)}
    last = models.get(interview.operation_id or "")
    return list((found | ({last.id: last} if last else {})).values())


def _delete_operation(operation: Operation) -> None:
    with OperationLog.batch_write() as batch:
        for line in OperationLog.query(operation.id, consistent_read=True):
            batch.delete(line)
    operation.delete()


def _delete_row(interview: Interview) -> None:
    as_read = (Interview.status == interview.status) & (
        Interview.time_changes == interview.time_changes
    )
    try:
        interview.delete(as_read)
    except DeleteError as error:
        if not is_condition_failure(error):
            raise
        # Gone already: the client repeated what was done, or somebody else did it.
        if queries.get_interview(interview.id) is not None:
            raise StaleWriteError(interview.id) from None

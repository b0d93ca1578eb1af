"""Delete ended interviews: first the files, operations, logs and search terms, and last the row.

In this order nothing remains that no row refers to. A crash leaves a row without files, which can
be deleted again.
"""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import structlog
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from pynamodb.exceptions import DeleteError
from pynamodb.expressions.condition import Condition

from interviews import queries
from interviews.attributes import DRY_RUN, LIVE, PRACTICE, TAKE_HOME
from interviews.dynamodb import is_condition_failure, now
from interviews.legacy import lazy_migration
from interviews.lifecycle import FINAL
from interviews.models import Interview, StaleWriteError
from interviews.retention import BACKSTOP, retention, ttl_of_ended
from interviews.search import index
from interviews.status_labels import status_label
from operations import audit, models, practice
from operations.archives import archive
from operations.audit import AuditAction
from operations.bulk_import import service
from operations.candidate_data.inventory import Inventory
from operations.checks.cleanup import delete_runs_of
from operations.exceptions import WrongStateError
from operations.mail import outbox
from operations.models import LONGEST_LIFE, Operation
from operations.notices.queue import delete_notices_of
from operations.operation_log import OperationLog
from operations.progress.cleanup import delete_progress_of
from operations.reviews.cleanup import delete_reviews_of
from operations.submissions.keys import is_index
from operations.webhooks import outbox_relay

logger = structlog.get_logger(__name__)

TYPES = (TAKE_HOME, LIVE, DRY_RUN)


def delete_interview(interview: Interview, *, by: str) -> Inventory:
    """Delete an ended interview for good, and return what was deleted.

    Raises:
        WrongStateError: if the interview has not ended.
        StaleWriteError: if it was reopened meanwhile; then nothing is deleted.
    """
    if interview.state not in FINAL:
        raise WrongStateError(
            _("Only what has ended can be deleted. Status: %(status)s.")
            % {"status": status_label(interview.state)}
        )
    _withdraw_archives(interview)
    _delete_practices(interview)
    archives = _delete_files(interview)
    operations = operations_of(interview)
    log_lines = sum(_delete_operation(operation) for operation in operations)
    deleted = Inventory(
        interviews=1,
        archives=archives,
        operations=len(operations),
        log_lines=log_lines,
        search_terms=index.unindex_interview(interview),
        webhook_messages=outbox_relay.redact_deliveries(interview.id),
        emails=outbox.delete_messages_of(interview.id) + delete_notices_of(interview.id),
        import_rows=service.erase_interview(interview.id),
        **delete_reviews_of(interview.id)._asdict(),
        progress_states=delete_progress_of(interview.id),
        check_runs=delete_runs_of(interview.id),
        old_rows=int(lazy_migration.delete_takehome(interview)),
    )
    _delete_row(interview)
    # Those that were written since. Who writes one later finds no row, and deletes it.
    late = Inventory(
        **delete_reviews_of(interview.id)._asdict(),
        check_runs=delete_runs_of(interview.id),
        progress_states=delete_progress_of(interview.id),
    )
    if late:
        deleted += late
        # Messages that were queued with them have the candidate's name.
        outbox_relay.redact_deliveries(interview.id)
    logger.info("interview_deleted", interview=interview.id, by=by)
    interview.announce()
    audit.record(AuditAction.DELETED, interview.id)
    return deleted


def delete_expired(limit: int = 100) -> None:
    """Delete interviews that ended before the retention, at most `limit` of each type."""
    before = now() - retention()
    for type_ in TYPES:
        for interview in _ended(type_, Interview.completed_at <= before, limit=limit):
            try:
                delete_interview(interview, by="schedule")
            except Exception:
                logger.exception("old_interview_not_deleted", interview=interview.id)


def delete_left_practices() -> None:
    """Delete the practice workspaces that were still ending when their interview was deleted."""
    for row in _ended(PRACTICE, Interview.completed_at > now() - timedelta(days=1)):
        try:
            if queries.get_interview(row.practice_of or "") is None:
                _delete_practice(row)
        except Exception:
            logger.exception("practice_not_deleted", interview=row.id)


def keep_longer(limit: int = 100) -> None:
    """Move each `ttl` that was written when RETENTION_DAYS was smaller, before DynamoDB acts on it.

    The `ttl` of an ended interview is moved in its last week, at most `limit` of each type per
    call: calls are an hour apart. Logs and search terms can be older than the end of their
    interview, so they are checked on the day of the end.
    """
    for type_ in TYPES:
        kept = Interview.completed_at > now() - retention()
        last_week = Interview.ttl < now() + BACKSTOP
        for interview in _ended(type_, kept, filter_condition=last_week, limit=limit):
            _try_to_keep_longer(interview)
        for interview in _ended(type_, Interview.completed_at > now() - timedelta(days=1)):
            if _outlives_its_parts(interview):
                _try_to_keep_longer(interview)


def delete_archive_copies() -> None:
    """Delete the copies of archives that a worker left when it died while saving, for a day."""
    for type_ in TYPES:
        for interview in _ended(type_, Interview.completed_at > now() - timedelta(days=1)):
            archive.delete_old_copies(interview)


def _ended(type_: str, condition: Condition, **query: Any) -> Iterator[Interview]:
    rows = Interview.ended_index.query(
        f"{type_}-ended", condition, attributes_to_get=["id"], **query
    )
    for interview_id in [row.id for row in rows]:
        interview = queries.get_interview(interview_id)
        # The index may lag behind: the interview may have been reopened.
        if interview is not None and interview.state in FINAL:
            yield interview


def _outlives_its_parts(interview: Interview) -> bool:
    ttls = [index.terms_ttl(interview), *(each.ttl for each in operations_of(interview))]
    return interview.ttl is not None and any(ttl and ttl < interview.ttl for ttl in ttls)


def _try_to_keep_longer(interview: Interview) -> None:
    try:
        _keep_longer(interview)
    except Exception:
        logger.exception("interview_not_kept_longer", interview=interview.id)


def _keep_longer(interview: Interview) -> None:
    """Move the ttl of the interview and all its parts.

    The interview's own row comes last, so that a crash before it repeats the whole.
    """
    until = max(interview.ttl, ttl_of_ended(interview.completed_at))
    for operation in operations_of(interview):
        with OperationLog.batch_write() as batch:
            for line in OperationLog.query(operation.id, consistent_read=True):
                line.ttl = until + LONGEST_LIFE
                batch.save(line)
        operation.update(
            actions=[Operation.ttl.set(until + LONGEST_LIFE)], condition=Operation.id.exists()
        )
    index.keep_terms(interview, until + index.LONGEST_LIFE)
    if interview.keep_until(until):
        logger.info("interview_kept_longer", interview=interview.id)


def _delete_practices(interview: Interview) -> None:
    """Delete the interview's practice workspaces. One that is not over ends first, and
    `delete_left_practices` deletes it then."""
    for row in practice.practices_of(interview.id):
        if row.state in FINAL:
            _delete_practice(row)
        else:
            practice.end_practice(row, by="schedule")


def _delete_practice(row: Interview) -> None:
    for operation in operations_of(row):
        _delete_operation(operation)
    # Nobody opens it again.
    row.delete()


def _withdraw_archives(interview: Interview) -> None:
    """Move the latest archive to the earlier ones, so that the interview cannot be reopened.

    The write counts as a time change, so that a concurrent reopening, which still read the archive,
    loses the race.

    Raises:
        StaleWriteError: if the row changed since it was read.
    """
    interview.change_time(
        earlier_archives=archive.earlier_archives(interview),
        history_s3_key=None,
        archive_bytes=None,
        archive_sha256=None,
        not_saved=None,
        not_saved_count=None,
    )


def _delete_files(interview: Interview) -> int:
    """Delete the archives and their indexes, and return how many archives there were."""
    keys = archive.stored_keys(interview)
    for key in chain(keys, _late_indexes(interview)):
        default_storage.delete(key)
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(archive.archive_folder(interview.id))
    return archive.count_archives(keys)


def _late_indexes(interview: Interview) -> Iterator[str]:
    """The indexes that are there once the archives are not.

    A process that made one meanwhile finds its archive gone, or else is found here.
    """
    yield from filter(is_index, archive.stored_keys(interview))


def operations_of(interview: Interview) -> list[Operation]:
    """All operations, including the latest one, which may be missing from the index yet."""
    indexed = {row.id: row for row in Operation.interview_index.query(interview.id)}
    latest = models.get_operation(interview.operation_id or "")
    return list((indexed | ({latest.id: latest} if latest else {})).values())


def _delete_operation(operation: Operation) -> int:
    """Delete the operation and its log, and return how many lines that had."""
    lines = list(OperationLog.query(operation.id, consistent_read=True))
    with OperationLog.batch_write() as batch:
        for line in lines:
            batch.delete(line)
    operation.delete()
    return len(lines)


def _delete_row(interview: Interview) -> None:
    as_read = (Interview.status == interview.status) & (
        Interview.time_changes == interview.time_changes
    )
    try:
        interview.delete(as_read)
    except DeleteError as error:
        if not is_condition_failure(error):
            raise
        # Deleted already: the client repeated the request, or another process deleted it.
        if queries.get_interview(interview.id) is not None:
            raise StaleWriteError(interview.id) from None

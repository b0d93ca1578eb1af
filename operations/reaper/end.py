"""End an orphan: check again that it is unneeded, save its files if necessary, and destroy it."""

import secrets
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone
from pynamodb.exceptions import PynamoDBException

from interviews.dynamodb import now
from interviews.events import WorkspacesChanged, publish
from interviews.indexes import EarlierArchive
from interviews.lifecycle import FINAL
from interviews.models import OUTBOX_PENDING, Interview, StaleWriteError
from operations.archives import archive
from operations.archives.not_saved import row_changes
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import (
    MachineDownError,
    ProvisionError,
    Workspace,
    WorkspaceGoneError,
)
from operations.queue.dispatch import enqueue_submission_index
from operations.reaper import classification, left_behind
from operations.reaper.classification import Classification
from operations.reaper.models import Orphan, OrphanReason, due_orphans, open_orphans
from operations.worker.handler import UNEXPECTED_ERROR

logger = structlog.get_logger(__name__)

# Longer than saving and destroying take, so that a worker with an expired lease must have died.
LEASE = timedelta(minutes=20)
RETRY_DELAY = timedelta(minutes=10)
# Of one whose machine is down: the next time that the due ones are dispatched.
MACHINE_RETRY_DELAY = timedelta(seconds=15)


class OrphanLeaseLostError(Exception):
    """Another worker has the lease, or the workspace is needed or in use: leave it alone."""


def end_orphan(orphan_id: int) -> None:
    """End an orphan if it is due and not leased; of concurrent calls only one does it.

    A failure is recorded and retried after RETRY_DELAY.
    """
    orphan = _acquire(orphan_id)
    if orphan is None:
        return
    try:
        saved = _save_files_if_any(orphan) if orphan.save_files else None
        _destroy(orphan)
    except OrphanLeaseLostError:
        _release(orphan, problem="", failed_step="")
    except MachineDownError as error:
        # Once it is back, its programs are ended before anything else.
        _retry_later(orphan, error.step, error.sentence, delay=MACHINE_RETRY_DELAY)
    except ProvisionError as error:
        _retry_later(orphan, error.step, error.sentence)
    except (archive.ArchiveNotStoredError, ImproperlyConfigured) as error:
        _retry_later(orphan, "save", str(error))
    except StaleWriteError:
        _retry_later(orphan, "save", "Its interview was just changed.")
    except PynamoDBException:
        _retry_later(orphan, "look", "The database isn't responding.")
    except Exception:
        logger.exception("orphan_not_ended", engine=orphan.engine, workspace=orphan.name)
        _retry_later(orphan, "destroy", UNEXPECTED_ERROR)
    else:
        _release(orphan, ended_at=timezone.now(), saved_bytes=saved, problem="", failed_step="")
        logger.warning(
            "orphan_ended",
            engine=orphan.engine,
            workspace=orphan.name,
            why=orphan.why,
            by=orphan.ended_by or "schedule",
            saved_bytes=saved,
        )
    publish(WorkspacesChanged())


def _acquire(orphan_id: int) -> Orphan | None:
    at, lease = timezone.now(), secrets.token_hex(16)
    due_orphans(at).filter(pk=orphan_id).update(lease=lease, lease_until=at + LEASE)
    return open_orphans().filter(pk=orphan_id, lease=lease).first()


def _ensure_still_unneeded(orphan: Orphan) -> Classification:
    """Classify the workspace again with consistent reads, while the lease is still ours.

    Raises:
        OrphanLeaseLostError: if the lease is lost, or the workspace is needed or in use.
    """
    current = classification.reclassify(orphan.name)
    if current is None:
        raise OrphanLeaseLostError
    if current.reason is None:
        # The workspace is needed after all. The next scan would delete the orphan as well.
        _leased(orphan).delete()
        raise OrphanLeaseLostError
    if not _leased(orphan).exists():
        raise OrphanLeaseLostError
    return current


def _save_files_if_any(orphan: Orphan) -> int | None:
    """As `_save_files`, which of a workspace that was left behind may come too late."""
    try:
        return _save_files(orphan)
    except WorkspaceGoneError:
        if orphan.why != OrphanReason.LEFT_BEHIND:
            raise
        # Its machine came back without it, or was removed for good.
        return None


def _save_files(orphan: Orphan) -> int | None:
    """Save the files; return their size in bytes, or None if nothing had to be saved."""
    current = _ensure_still_unneeded(orphan)
    if not current.must_be_saved or current.interview is None:
        return None
    interview = current.interview
    key = archive.archive_key(interview.id, f"{orphan.name}-{orphan.lease}")
    engine = provisioner(orphan.engine)
    with archive.exported(engine, _workspace(orphan), interview) as (path, not_saved):
        sitting = current.reopened + 1
        if current.is_left_behind and not left_behind.has_newer_files(orphan, sitting, path):
            return None
        stored = archive.store_archive(path, key, not_saved)
    if current.is_left_behind:
        _add_left_behind(orphan, interview, stored, sitting)
        enqueue_submission_index(interview.id)
        return stored.bytes
    # Whoever waits for the files is told of them, as after an end: webhooks, reviewers, checks.
    # With `change_time`, this write and a concurrent deletion cannot both succeed.
    write = interview.change_time if interview.state in FINAL else interview.change
    try:
        reopened = _ensure_still_unneeded(orphan).reopened
        if reopened == int(interview.reopened or 0):
            # These are the files of the last sitting, which its page offers for download.
            write(outbox=OUTBOX_PENDING, **archive.latest_archive_changes(interview, stored))
        else:
            earlier = _earlier_archive(stored, reopened + 1)
            earlier_archives = [*interview.earlier_archives, earlier]
            write(outbox=OUTBOX_PENDING, earlier_archives=earlier_archives)
    except (OrphanLeaseLostError, StaleWriteError):
        # No row refers to the stored archive.
        default_storage.delete(stored.key)
        raise
    enqueue_submission_index(interview.id)
    return stored.bytes


def _add_left_behind(
    orphan: Orphan, interview: Interview, stored: archive.StoredArchive, sitting: int
) -> None:
    """Add the files to those of an interview that has gone on, or ended, without them."""
    earlier = _earlier_archive(stored, sitting, left_behind=orphan.name)
    try:
        _ensure_still_unneeded(orphan)
        interview.add_left_behind(earlier)
    except (OrphanLeaseLostError, StaleWriteError):
        # No row refers to the stored archive.
        default_storage.delete(stored.key)
        raise


def _earlier_archive(stored: archive.StoredArchive, sitting: int, **fields: str) -> EarlierArchive:
    return EarlierArchive(  # type: ignore[no-untyped-call]
        key=stored.key,
        bytes=stored.bytes,
        sha256=stored.sha256,
        at=now(),
        sitting=sitting,
        **row_changes(stored.not_saved),
        **fields,
    )


def _destroy(orphan: Orphan) -> None:
    """Destroy the workspace right after a last check, with nothing in between."""
    engine = provisioner(orphan.engine)
    _ensure_still_unneeded(orphan)

    def log(line: str) -> None:
        logger.info("orphan", engine=orphan.engine, workspace=orphan.name, says=line)

    engine.destroy(_workspace(orphan), log)


def _workspace(orphan: Orphan) -> Workspace:
    return Workspace(id=orphan.name, url=None, password=None, state=orphan.state)


def _leased(orphan: Orphan) -> QuerySet[Orphan]:
    return open_orphans().filter(pk=orphan.pk, lease=orphan.lease)


def _retry_later(
    orphan: Orphan, step: str, sentence: str, *, delay: timedelta = RETRY_DELAY
) -> None:
    if sentence[:500] != orphan.problem:
        logger.warning("orphan_stays", engine=orphan.engine, workspace=orphan.name, reason=sentence)
    _release(orphan, end_at=timezone.now() + delay, failed_step=step[:20], problem=sentence[:500])


def _release(orphan: Orphan, **changes: Any) -> None:
    """Release the lease and record the outcome; does nothing if the lease was lost."""
    _leased(orphan).update(lease="", lease_until=None, **changes)

"""The end of an orphan: looked at again, its files saved where they are not, then destroyed."""

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
from interviews.models import StaleWriteError
from operations import archive
from operations.provisioners import get as provisioner
from operations.provisioners.base import ProvisionError, Workspace
from operations.reaper import classification
from operations.reaper.classification import Verdict
from operations.reaper.models import Orphan, due, open_orphans
from operations.worker.handler import UNEXPECTED

logger = structlog.get_logger(__name__)

# Longer than saving and destroying take: whoever is silent for so long has died.
LEASE = timedelta(minutes=20)
# After a failure.
TRY_AGAIN = timedelta(minutes=10)


class ClaimLostError(Exception):
    """It is another worker's now, or somebody needs it or works on it: leave it alone."""


def end_orphan(orphan_id: int) -> None:
    """End it, if its time has come and nobody else is at it. Of several calls at once one does it;
    what fails is written down, and tried again later."""
    orphan = _claim(orphan_id)
    if orphan is None:
        return
    try:
        saved = _save(orphan) if orphan.save_files else None
        _destroy(orphan)
    except ClaimLostError:
        _write(orphan, problem="", failed_step="")
    except ProvisionError as error:
        _try_later(orphan, error.step, error.sentence)
    except (archive.ArchiveNotStoredError, ImproperlyConfigured) as error:
        _try_later(orphan, "save", str(error))
    except StaleWriteError:
        _try_later(orphan, "save", "Its interview changed in this moment.")
    except PynamoDBException:
        _try_later(orphan, "look", "The tables do not answer.")
    except Exception:
        logger.exception("orphan_not_ended", engine=orphan.engine, workspace=orphan.name)
        _try_later(orphan, "destroy", UNEXPECTED)
    else:
        _write(orphan, ended_at=timezone.now(), saved_bytes=saved, problem="", failed_step="")
        logger.warning(
            "orphan_ended",
            engine=orphan.engine,
            workspace=orphan.name,
            why=orphan.why,
            by=orphan.ended_by or "schedule",
            saved_bytes=saved,
        )
    publish(WorkspacesChanged())


def _claim(orphan_id: int) -> Orphan | None:
    at, lease = timezone.now(), secrets.token_hex(16)
    due(at).filter(pk=orphan_id).update(lease=lease, lease_until=at + LEASE)
    return open_orphans().filter(pk=orphan_id, lease=lease).first()


def _still_unneeded(orphan: Orphan) -> Verdict:
    """By consistent reads of now, while the claim is still ours. Raises Lost."""
    verdict = classification.look_again(orphan.name)
    if verdict is None:
        raise ClaimLostError
    if verdict.why is None:
        # It came into use after all: the next sweep would forget it, and so may we.
        _held(orphan).delete()
        raise ClaimLostError
    if not _held(orphan).exists():
        raise ClaimLostError
    return verdict


def _save(orphan: Orphan) -> int | None:
    """How many bytes were saved; None: there was nothing to save, or it is saved already."""
    verdict = _still_unneeded(orphan)
    if not verdict.must_be_saved or verdict.interview is None:
        return None
    interview = verdict.interview
    key = archive.key_of(interview.id, f"{orphan.name}-{orphan.lease}")
    stored = archive.save(provisioner(orphan.engine), _workspace(orphan), key)
    # Of this and a deletion at once one has lost the race, as if the time had been changed.
    write = interview.change_time if interview.state in FINAL else interview.change
    try:
        if _still_unneeded(orphan).opening == int(interview.reopened or 0):
            # The files of its last opening: those that its page offers.
            write(**archive.as_last(interview, stored))
        else:
            found = EarlierArchive(  # type: ignore[no-untyped-call]
                key=stored.key, bytes=stored.bytes, sha256=stored.sha256, at=now()
            )
            write(earlier_archives=[*interview.earlier_archives, found])
    except (ClaimLostError, StaleWriteError):
        # Nobody will ever ask for this one.
        default_storage.delete(stored.key)
        raise
    return stored.bytes


def _destroy(orphan: Orphan) -> None:
    """Nothing comes between the last look and the engine's own work."""
    engine = provisioner(orphan.engine)
    _still_unneeded(orphan)

    def log(line: str) -> None:
        logger.info("orphan", engine=orphan.engine, workspace=orphan.name, says=line)

    engine.destroy(_workspace(orphan), log)


def _workspace(orphan: Orphan) -> Workspace:
    return Workspace(id=orphan.name, url=None, password=None, state=orphan.state)


def _held(orphan: Orphan) -> QuerySet[Orphan]:
    return open_orphans().filter(pk=orphan.pk, lease=orphan.lease)


def _try_later(orphan: Orphan, step: str, sentence: str) -> None:
    logger.warning("orphan_stays", engine=orphan.engine, workspace=orphan.name, reason=sentence)
    _write(orphan, end_at=timezone.now() + TRY_AGAIN, failed_step=step[:20], problem=sentence[:500])


def _write(orphan: Orphan, **changes: Any) -> None:
    """Give it up, with what came of it. Nothing happens where the claim was lost."""
    _held(orphan).update(lease="", lease_until=None, **changes)

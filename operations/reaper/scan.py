"""Compare the workspaces on the engines with the table of interviews, both ways, periodically.

A failed scan never counts as "not there": without reading both the engine and the tables, it
changes nothing.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from pynamodb.exceptions import PynamoDBException

from interviews import queries
from interviews.events import WorkspacesChanged, publish
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import OwnedWorkspace, ProvisionError
from operations.queue import dispatch
from operations.reaper import classification, missing
from operations.reaper.classification import Classification
from operations.reaper.models import (
    ORPHAN_GRACE_PERIOD,
    UNKNOWN_GRACE_PERIOD,
    EngineLook,
    Orphan,
    OrphanReason,
    due_orphans,
    not_leased,
    open_orphans,
)
from operations.start_times import statistics
from operations.worker.handler import UNEXPECTED_ERROR

logger = structlog.get_logger(__name__)

# How long ended orphans are shown.
LOG_RETENTION = timedelta(days=30)
GRACE_PERIODS = {
    OrphanReason.UNKNOWN_INTERVIEW: UNKNOWN_GRACE_PERIOD,
    # Its candidate has another workspace.
    OrphanReason.LEFT_BEHIND: timedelta(0),
}


def scan_engines() -> None:
    """Scan every engine that was ever used, record orphans, and dispatch those that are due.

    Scans may overlap and repeat: one conditional write decides about every end.
    """
    for engine in engines_to_scan():
        _scan_engine(engine)
    Orphan.objects.filter(ended_at__lt=timezone.now() - LOG_RETENTION).delete()
    for orphan_id in due_orphans(timezone.now()).values_list("pk", flat=True):
        dispatch.enqueue_orphan_end(orphan_id)
    publish(WorkspacesChanged())


def engines_to_scan() -> list[str]:
    """Return the engines of earlier workspaces, and the one for new workspaces."""
    engines = {settings.PROVISIONER, *open_orphans().values_list("engine", flat=True)}
    try:
        for dry_runs in (False, True):
            engines |= set(statistics.provisioners_with_starts(dry_runs=dry_runs))
    except PynamoDBException as error:
        logger.warning("engines_unknown", reason=type(error).__name__)
    return sorted(engines)


def _scan_engine(engine: str) -> None:
    scanned_at = datetime.now(UTC)
    try:
        # Read before the engine, so that a workspace that starts in between is not missing.
        running = list(queries.ids_with_status(Status.ACTIVE))
        # To its end: nothing is concluded from a list that breaks off.
        listed = list(provisioner(engine).list_owned())
        machines = [asdict(each) for each in provisioner(engine).list_machines()]
        owned = {each.id: each for each in listed if queries.is_valid_id(each.id)}
        rows = classification.read_interviews(owned, *running)
        unneeded = classification.classify_unneeded(owned, rows)
        _record_orphans(engine, owned, unneeded, scanned_at)
        active = [rows[id_] for id_ in running if id_ in rows]
        missing.report_missing(engine, active, owned, scanned_at)
    except ProvisionError as error:
        _record_failed_scan(engine, error.sentence)
    except ImproperlyConfigured as error:
        _record_failed_scan(engine, str(error))
    except PynamoDBException:
        _record_failed_scan(engine, "The database isn't responding.")
    except Exception:
        logger.exception("sweep_failed", engine=engine)
        _record_failed_scan(engine, UNEXPECTED_ERROR)
    else:
        fields = {"at": timezone.now(), "held": len(owned), "problem": "", "machines": machines}
        EngineLook.objects.update_or_create(engine=engine, defaults=fields)


def _record_failed_scan(engine: str, sentence: str) -> None:
    logger.warning("could_not_sweep", engine=engine, reason=sentence)
    EngineLook.objects.update_or_create(engine=engine, defaults={"problem": sentence[:500]})


def _record_orphans(
    engine: str,
    owned: dict[str, OwnedWorkspace],
    unneeded: dict[str, Classification | None],
    scanned_at: datetime,
) -> None:
    for name, current in unneeded.items():
        if current is not None and current.reason is not None:
            interview_id = _interview_id(current.interview)
            _record_orphan(engine, owned[name], current.reason, interview_id)
    _delete_resolved(engine, unneeded.keys(), scanned_at)


def _interview_id(row: Interview | None) -> str:
    """The interview that staff finds by it: a practice workspace has no page of its own."""
    return str(row.practice_of or row.id) if row is not None else ""


def _record_orphan(
    engine: str, owned: OwnedWorkspace, reason: OrphanReason, interview_id: str
) -> None:
    seen_at = timezone.now()
    known = open_orphans().filter(engine=engine, name=owned.id)
    fields = {"why": reason, "interview_id": interview_id, "state": owned.state}
    if known.update(last_seen=seen_at, **fields):
        return
    end_at = seen_at + GRACE_PERIODS.get(reason, ORPHAN_GRACE_PERIOD)
    with transaction.atomic():
        _, is_new = open_orphans().get_or_create(
            engine=engine,
            name=owned.id,
            defaults={"since": owned.since, "end_at": end_at, **fields},
        )
    if is_new:
        logger.warning("orphan_found", engine=engine, workspace=owned.id, why=reason.value)


def _delete_resolved(engine: str, unneeded: Collection[str], scanned_at: datetime) -> None:
    """Delete orphans that are gone, or needed after all.

    Keeps those that a concurrent scan has just recorded, and those that a worker is ending.
    """
    resolved = open_orphans().filter(
        not_leased(timezone.now()), engine=engine, last_seen__lt=scanned_at
    )
    resolved.exclude(name__in=unneeded).delete()

"""What the engines hold against the table of interviews, both ways, every few minutes.

"Could not look" is never "not there": an engine or a table that cannot be read sweeps nothing.
"""

from collections.abc import Collection
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
from operations.provisioners import get as provisioner
from operations.provisioners.base import Owned, ProvisionError
from operations.queue import dispatch
from operations.reaper import classification, missing
from operations.reaper.classification import Verdict
from operations.reaper.models import (
    GRACE,
    GRACE_OF_STRANGERS,
    EngineLook,
    Orphan,
    OrphanReason,
    due,
    free,
    open_orphans,
)
from operations.start_times import statistics
from operations.worker.handler import UNEXPECTED

logger = structlog.get_logger(__name__)

# What was ended is shown for so long.
KEPT = timedelta(days=30)


def scan_engines() -> None:
    """Look at every engine that was ever used here, note what is unneeded, ring for what is due.

    May overlap and be repeated: every end is decided by one conditional write.
    """
    for engine in engines():
        _look(engine)
    Orphan.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()
    for orphan_id in due(timezone.now()).values_list("pk", flat=True):
        dispatch.enqueue_orphan_end(orphan_id)
    publish(WorkspacesChanged())


def engines() -> list[str]:
    """Those that something was started on, and the one that is next."""
    found = {settings.PROVISIONER, *open_orphans().values_list("engine", flat=True)}
    try:
        for dry_runs in (False, True):
            found |= set(statistics.provisioners_with(dry_runs=dry_runs))
    except PynamoDBException as error:
        logger.warning("engines_unknown", reason=type(error).__name__)
    return sorted(found)


def _look(engine: str) -> None:
    began = datetime.now(UTC)
    try:
        # Before the engine is asked: what starts in between is not taken for missing.
        running = list(queries.ids_with_status(Status.ACTIVE))
        listed = provisioner(engine).list_owned()
        owned = {each.id: each for each in listed if queries.is_valid_id(each.id)}
        rows = classification.read(owned, *running)
        unneeded = classification.unneeded(owned, rows)
        _note(engine, owned, unneeded, began)
        missing.report_missing(engine, [rows[id_] for id_ in running if id_ in rows], owned, began)
    except ProvisionError as error:
        _could_not_look(engine, error.sentence)
    except ImproperlyConfigured as error:
        _could_not_look(engine, str(error))
    except PynamoDBException:
        _could_not_look(engine, "The tables do not answer.")
    except Exception:
        logger.exception("sweep_failed", engine=engine)
        _could_not_look(engine, UNEXPECTED)
    else:
        looked = {"at": timezone.now(), "held": len(owned), "problem": ""}
        EngineLook.objects.update_or_create(engine=engine, defaults=looked)


def _could_not_look(engine: str, sentence: str) -> None:
    logger.warning("could_not_sweep", engine=engine, reason=sentence)
    EngineLook.objects.update_or_create(engine=engine, defaults={"problem": sentence[:500]})


def _note(
    engine: str,
    owned: dict[str, Owned],
    unneeded: dict[str, Verdict | None],
    began: datetime,
) -> None:
    for name, verdict in unneeded.items():
        if verdict is not None and verdict.why is not None:
            _note_one(engine, owned[name], verdict.why, verdict)
    _forget(engine, unneeded.keys(), began)


def _note_one(engine: str, owned: Owned, why: OrphanReason, verdict: Verdict) -> None:
    at = timezone.now()
    interview_id = verdict.interview.id if verdict.interview is not None else ""
    known = open_orphans().filter(engine=engine, name=owned.id)
    now_so = {"why": why, "interview_id": interview_id, "state": owned.state}
    if known.update(last_seen=at, **now_so):
        return
    grace = GRACE_OF_STRANGERS if why is OrphanReason.STRANGER else GRACE
    with transaction.atomic():
        _, is_new = open_orphans().get_or_create(
            engine=engine,
            name=owned.id,
            defaults={"since": owned.since, "end_at": at + grace, **now_so},
        )
    if is_new:
        logger.warning("orphan_found", engine=engine, workspace=owned.id, why=why.value)


def _forget(engine: str, unneeded: Collection[str], began: datetime) -> None:
    """What is gone, or is needed after all. Not what another sweep noted meanwhile, nor what a
    worker is ending."""
    gone = open_orphans().filter(free(timezone.now()), engine=engine, last_seen__lt=began)
    gone.exclude(name__in=unneeded).delete()

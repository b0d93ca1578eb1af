"""The line for a place: join it, be admitted, leave it, be moved to its front.

Every change of an engine's rows happens in a transaction that holds the lock of the engine, so that
processes that do so at the same time do it one after the other, on SQLite and PostgreSQL alike.
"""

import contextlib
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Min
from django.utils import timezone

from interviews import queries
from interviews.attributes import LIVE
from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.dynamodb import now
from interviews.events import WorkspacesChanged, publish
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.admission import leftovers, needs, registration
from operations.admission.announcements import announce
from operations.admission.limits import limit_of, limits
from operations.admission.models import (
    Admission,
    LimitedEngine,
    Priority,
    in_line,
    places_taken,
)
from operations.lifecycle import OperationType
from operations.models import Operation, get_operation
from operations.queue import dispatch
from operations.worker import breaker

logger = structlog.get_logger(__name__)

# An engine that had no room is tried again after this, unless a place becomes free before.
FULL_FOR = timedelta(seconds=10)
# How many of the latest times at which a place became free are kept.
MAX_FREED = 20


def request_place(interview: Interview, operation: Operation) -> Admission:
    """Return the workspace's row, which has a place or waits for one, and make it if need be.

    Of an engine with a limit only. Who comes again with another operation, as after a failed start,
    keeps what they have.
    """
    engine, workspace = str(interview.provisioner), interview.workspace_name
    row = Admission.objects.filter(workspace=workspace, operation_id=operation.id).first()
    if row is None or row.admitted_at is None:
        registration.make_ready(engine)
        is_new = row is None
        if row is None:
            row = _join(interview, operation)
        admit(engine, but_dispatch=operation.id)
        # Without its row it is in line again when it is looked at next.
        row = Admission.objects.filter(workspace=workspace).first() or row
        if is_new and row.admitted_at is None:
            announce(engine, joined=workspace)
    return row


def _join(interview: Interview, operation: Operation) -> Admission:
    queued_at = operation.queued_at or operation.created_at
    with locked(str(interview.provisioner)):
        row, is_new = Admission.objects.get_or_create(
            workspace=interview.workspace_name,
            defaults=registration.row_of(interview)
            | {
                "operation_id": operation.id,
                "since": _since(interview, queued_at),
                "queued_at": queued_at,
            },
        )
        if not is_new:
            row.operation_id, row.queued_at = operation.id, queued_at
            row.save(update_fields=["operation_id", "queued_at"])
    return row


def _since(interview: Interview, queued_at: datetime) -> datetime:
    """A start that failed keeps its time. A sitting of a reopened test begins with this start."""
    pressed_at: datetime | None = None if interview.reopened else interview.activated_at
    return pressed_at or queued_at


def admit(engine: str, *, but_dispatch: str = "") -> None:
    """Give the free places to the first in line, and dispatch their starts.

    Not that of `but_dispatch`, whose worker is here. A start whose message is lost is dispatched by
    the reconciler, as every other. Who may not start now stays in line, and the others go before.
    """
    limit = limit_of(engine)
    if limit is None or not in_line(engine).exists() or places_taken(engine).count() >= limit:
        return
    if LimitedEngine.objects.filter(pk=engine, full_until__gt=timezone.now()).exists():
        return
    paused = _paused_starts(_drop_unwanted(engine, limit))
    kept_free = count_soon_due(engine, limit)
    with locked(engine):
        free = limit - places_taken(engine).count()
        admitted = _admit_first(engine, free, kept_free, paused)
    for row in admitted:
        logger.info("place_given", engine=engine, workspace=row.workspace)
        if row.operation_id != but_dispatch:
            dispatch.enqueue_operation(row.operation_id, OperationType.CREATE)
    if admitted:
        announce(engine)


def would_wait(engine: str) -> bool:
    """Whether a start for which nobody's time is planned would wait for a place now.

    So it would without an answer of the SQL database.
    """
    limit = limit_of(engine)
    if limit is None:
        return False
    try:
        taken = places_taken(engine).count()
        if taken >= limit or in_line(engine).exists():
            return True
        return taken + count_soon_due(engine, limit) >= limit
    except DatabaseError as error:
        logger.warning("places_unknown", reason=type(error).__name__)
        return True


def _admit_first(
    engine: str, free: int, kept_free: int, paused: Collection[str]
) -> list[Admission]:
    """Admit the first in line, under the lock, apart from the operations in `paused`.

    Take-homes and trials leave `kept_free` places, unless staff moved them to the front.
    """
    admitted: list[Admission] = []
    for row in in_line(engine).exclude(operation_id__in=paused):
        keeps = kept_free if row.priority >= Priority.TAKE_HOME else 0
        if free - len(admitted) <= keeps:
            break
        row.admitted_at = timezone.now()
        row.save(update_fields=["admitted_at"])
        admitted.append(row)
    return admitted


def _drop_unwanted(engine: str, limit: int) -> list[Interview]:
    """Remove the first in line whose interview ended meanwhile, so that it gets no place.

    Returns the interviews of the others.
    """
    rows = list(in_line(engine)[: 2 * limit])
    interviews = queries.get_interviews(row.interview_id for row in rows)
    for row in rows:
        if not needs.is_needed(row, interviews.get(row.interview_id)):
            remove(row)
            interviews.pop(row.interview_id, None)
    return list(interviews.values())


def _paused_starts(interviews: Iterable[Interview]) -> set[str]:
    """The operations of those whose start would be refused now, for the starts before it failed."""
    waiting = list(interviews)
    paused = breaker.paused_ids(waiting)
    operations = [get_operation(each.operation_id or "") for each in waiting if each.id in paused]
    return {each.id for each in operations if each and each.requested_by in breaker.NOT_STAFF}


def take_back(operation_id: str, *, is_full: bool = False) -> None:
    """Put a start that got its place and may not start now back where it was in line.

    With `is_full` the engine had no room for it. Without an answer of the SQL database it keeps its
    place.
    """
    try:
        for row in Admission.objects.filter(operation_id=operation_id).exclude(admitted_at=None):
            with locked(row.engine) as lock:
                same = Admission.objects.filter(pk=row.pk, operation_id=operation_id)
                same.update(admitted_at=None)
                if is_full:
                    lock.full_until = timezone.now() + FULL_FOR
                    lock.save(update_fields=["full_until"])
            announce(row.engine)
    except DatabaseError as error:
        logger.warning("place_not_released", operation=operation_id, reason=type(error).__name__)


def count_soon_due(engine: str, limit: int) -> int:
    """How many live interviews need a place on this engine soon: those that are prepared within the
    lead time, and those that were just started and are not in line yet.

    Reads no more than `limit` of each.
    """
    if engine != settings.PROVISIONER:
        return 0
    due = queries.due_ids(Status.SCHEDULED, now() + PROVISION_LEAD_TIME)
    starting = set(queries.ids_of_type(LIVE, Status.ACTIVATED, limit=limit))
    known = Admission.objects.filter(interview_id__in=starting)
    starting -= set(known.values_list("interview_id", flat=True))
    here = [each for each in queries.get_interviews(starting).values() if _starts_on(each, engine)]
    return len(here) + sum(1 for _ in islice(due, limit))


def _starts_on(interview: Interview, engine: str) -> bool:
    """Whether it was just started there; the index may lag behind, and has every engine's."""
    return interview.state is Status.ACTIVATED and interview.provisioner == engine


def remove(row: Admission) -> bool:
    """Remove the row unless another start has taken it over since it was read; True if removed.

    The caller announces it, and admits the next.
    """
    with locked(row.engine) as lock:
        same = Admission.objects.filter(pk=row.pk, operation_id=row.operation_id)
        if not same.filter(admitted_at=row.admitted_at).delete()[0]:
            return False
        if row.admitted_at is not None:
            lock.freed = [*lock.freed, int(time.time())][-MAX_FREED:]
            lock.full_until = None
            lock.save(update_fields=["freed", "full_until"])
    return True


def release(interview_id: str) -> None:
    """Give back the places of an interview that no longer needs them, and leave the line.

    Without an answer of the SQL database the next sweep does so.
    """
    if not limits():
        return
    try:
        for row in Admission.objects.filter(interview_id=interview_id):
            interview = queries.get_interview(interview_id)
            if interview is not None and needs.is_needed(row, interview):
                leftovers.note_left(row, interview)
                continue
            if not remove(row):
                continue
            if row.admitted_at is None:
                announce(row.engine)
            else:
                # Nobody moves up in line before somebody is admitted.
                publish(WorkspacesChanged())
            admit(row.engine)
    except DatabaseError as error:
        logger.warning("place_not_released", interview=interview_id, reason=type(error).__name__)


def rename_workspace(engine: str, old: str, new: str) -> None:
    """Leave the place to the same interview's workspace of another name, on another machine."""
    if Admission.objects.filter(workspace=old).exists():
        with locked(engine):
            Admission.objects.filter(workspace=old).update(workspace=new)


def move_to_front(row: Admission) -> bool:
    """Make it the first in line; False if it no longer waits."""
    with locked(row.engine):
        first = in_line(row.engine).order_by().aggregate(first=Min("priority"))["first"]
        waiting = Admission.objects.filter(pk=row.pk, admitted_at=None)
        is_moved = bool(waiting.update(priority=min(first or 0, 0) - 1))
    if is_moved:
        announce(row.engine)
        admit(row.engine)
    return is_moved


def is_first_by_choice(row: Admission) -> bool:
    """Whether staff moved it to the front, and nobody else since."""
    return row.is_moved_up and in_line(row.engine).first() == row


@contextlib.contextmanager
def locked(engine: str) -> Iterator[LimitedEngine]:
    """A transaction in which no other process changes the engine's rows."""
    with transaction.atomic():
        LimitedEngine.objects.filter(pk=engine).update(changes=F("changes") + 1)
        yield LimitedEngine.objects.get(pk=engine)

"""The queue of runs: put one in, take one under a lease, and give it back or finish it.

Each is one conditional write, or one transaction. Whatever a worker that dies did, another one
takes its run over once the lease is over, and `attempts` ends a run that kills its workers.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now

from interviews import queries
from interviews.events import ChecksChanged, publish
from operations.checks import messages
from operations.checks.models import (
    UNFINISHED,
    CheckResult,
    CheckRun,
    RunReason,
    RunState,
    Subject,
)
from operations.queue import dispatch

logger = structlog.get_logger(__name__)

LEASE_DURATION = timedelta(seconds=60)
MAX_ATTEMPTS = 3
RETRY_DELAY = timedelta(seconds=30)
MAX_TRIES = 5
# Of a run that no worker has.
NO_LEASE: dict[str, Any] = {"slot": None, "lease_token": None, "lease_until": None}


class RunLeaseLostError(Exception):
    """Another worker has the run, or it was deleted."""


def queue_run(
    subject: Subject,
    challenge_id: str,
    version: int,
    *,
    interview_id: str = "",
    archive_key: str = "",
    progress_state: int | None = None,
    by: str = "",
    automatic_key: str | None = None,
) -> tuple[CheckRun, bool]:
    """Queue a run and wake a worker; return it, and whether it is new.

    The same that is unfinished is returned instead, and for an `automatic_key` any that has it.
    """
    values = {
        "subject": subject,
        "interview_id": interview_id,
        "archive_key": archive_key,
        "progress_state": progress_state,
        "challenge_id": challenge_id,
        "version": version,
    }
    tries = 0
    while True:
        tries += 1
        known = _known(values, automatic_key)
        if known is not None:
            return known, False
        queued_at = now()
        try:
            with transaction.atomic():
                run = CheckRun.objects.create(
                    **values,
                    requested_by=by,
                    automatic_key=automatic_key,
                    queued_at=queued_at,
                    due_at=queued_at,
                )
        except IntegrityError:
            # Another process queued it since then. It is over already if it is not found now.
            if tries == MAX_TRIES:
                raise
        else:
            announce(run)
            dispatch.enqueue_checks(str(run.pk))
            return run, True


def _known(values: dict[str, Any], automatic_key: str | None) -> CheckRun | None:
    """The run of this key, or else the unfinished one of these values, which gets the key."""
    if automatic_key is not None:
        run = CheckRun.objects.filter(automatic_key=automatic_key).first()
        if run is not None:
            return run
    run = CheckRun.objects.filter(state__in=UNFINISHED, **values).first()
    if run is not None and automatic_key is not None:
        # Somebody asked first.
        CheckRun.objects.filter(pk=run.pk, automatic_key=None).update(automatic_key=automatic_key)
    return run


def queue_for_all(
    challenge_id: str, version: int, archives: Mapping[str, str], *, by: str
) -> list[CheckRun]:
    """Queue a run for each submission that has no unfinished one, and return these runs.

    `archives` has the keys of the archives by interview, in the order in which they are run. It
    takes few statements, however many there are.
    """
    queued_at, batch = now(), uuid.uuid4()
    wanted = [
        CheckRun(
            subject=Subject.SUBMISSION,
            challenge_id=challenge_id,
            version=version,
            interview_id=interview_id,
            archive_key=archive_key,
            requested_by=by,
            batch=batch,
            queued_at=queued_at + timedelta(microseconds=place),
            due_at=queued_at,
        )
        for place, (interview_id, archive_key) in enumerate(archives.items())
    ]
    # In one order: two processes that insert the same wait for each other's rows.
    wanted.sort(key=lambda run: (run.interview_id, run.archive_key))
    with transaction.atomic():
        CheckRun.objects.bulk_create(wanted, ignore_conflicts=True)
        runs = list(CheckRun.objects.filter(batch=batch).order_by("queued_at"))
    for run in runs:
        announce(run)
    # More at once are not run, and who is done takes the next one.
    for run in runs[: settings.CHECKS_AT_ONCE]:
        dispatch.enqueue_checks(str(run.pk))
    return runs


def announce(run: CheckRun) -> None:
    publish(ChecksChanged(interview_id=run.interview_id, challenge_id=run.challenge_id))


def is_anything_due() -> bool:
    return CheckRun.objects.filter(_due()).exists()


def acquire_run() -> CheckRun | None:
    """Lease the oldest run that is due, or return None if none is or CHECKS_AT_ONCE are leased."""
    while True:
        run = CheckRun.objects.filter(_due()).order_by("queued_at", "pk").first()
        if run is None:
            return None
        if run.attempts >= MAX_ATTEMPTS:
            # Nobody holds its lease: it is over.
            fail(run, RunReason.INTERRUPTED)
            continue
        _free_slots_of_the_dead()
        taken = CheckRun.objects.filter(slot__isnull=False)
        slots = set(range(settings.CHECKS_AT_ONCE)) - set(taken.values_list("slot", flat=True))
        if not slots:
            return None
        at = now()
        lease: dict[str, Any] = {
            "state": RunState.RUNNING,
            "slot": min(slots),
            "lease_token": uuid.uuid4(),
            "lease_until": at + LEASE_DURATION,
            "attempts": run.attempts + 1,
            "started_at": at,
        }
        try:
            with transaction.atomic():
                count = _as_read(run).update(**lease)
        except IntegrityError:
            # Another worker took the slot.
            continue
        if count:
            # Not read again: the row is another's if this worker has stood still since.
            for name, value in lease.items():
                setattr(run, name, value)
            announce(run)
            return run


def renew(run: CheckRun) -> bool:
    """Prolong the lease; False if it was lost, with the run or its place, or to another worker."""
    own = _as_read(run).filter(slot__isnull=False)
    return bool(own.update(lease_until=now() + LEASE_DURATION))


def release(run: CheckRun) -> None:
    """Give the run back, as a worker does that is being stopped. It is no attempt."""
    _as_read(run).update(state=RunState.QUEUED, attempts=F("attempts") - 1, **NO_LEASE)
    announce(run)


def retry_or_fail(run: CheckRun, reason: RunReason, detail: str = "") -> None:
    """Try the run again later, or fail it after MAX_ATTEMPTS."""
    logger.warning("check_run_not_done", run=str(run.pk), reason=reason.value, detail=detail)
    if run.attempts >= MAX_ATTEMPTS:
        fail(run, reason, detail)
        return
    due_at = now() + RETRY_DELAY * run.attempts
    _as_read(run).update(state=RunState.QUEUED, due_at=due_at, **NO_LEASE)
    announce(run)


def fail(run: CheckRun, reason: RunReason, detail: str = "") -> None:
    """End a run that the platform cannot do."""
    if _end(run, RunState.FAILED, reason=reason, detail=detail):
        announce(run)
        _delete_if_late(run)


def finish(
    run: CheckRun, results: Sequence[CheckResult], *, is_compared: bool | None = None
) -> None:
    """Write the results, if the lease is still held: all of them or none, and once.

    Raises:
        RunLeaseLostError: if it is not.
    """
    passed, total = sum(each.passed for each in results), sum(each.total for each in results)
    with transaction.atomic():
        if not _end(run, RunState.FINISHED, passed=passed, total=total, is_compared=is_compared):
            raise RunLeaseLostError(run.pk)
        CheckResult.objects.bulk_create(results)
    logger.info("checks_finished", run=str(run.pk), interview=run.interview_id, passed=passed)
    announce(run)
    _delete_if_late(run)


def _end(
    run: CheckRun,
    state: RunState,
    *,
    reason: str = "",
    detail: str = "",
    passed: int | None = None,
    total: int | None = None,
    is_compared: bool | None = None,
) -> bool:
    """Write the end of a run, and queue the webhooks about it, in one transaction."""
    # Not in the transaction, which would wait for it.
    interview = queries.get_interview(run.interview_id) if run.interview_id else None
    with transaction.atomic():
        count = _as_read(run).update(
            state=state,
            reason=reason,
            detail=detail,
            passed=passed,
            total=total,
            is_compared=is_compared,
            finished_at=now(),
            **NO_LEASE,
        )
        if not count:
            return False
        run.refresh_from_db()
        if interview is not None and run.subject == Subject.SUBMISSION:
            messages.queue_checks_finished(interview, run)
    return True


def _delete_if_late(run: CheckRun) -> None:
    """A deletion looks for runs again after it removed the interview's row: one sees the other."""
    if run.interview_id and queries.get_interview(run.interview_id) is None:
        CheckRun.objects.filter(pk=run.pk).delete()


def _due() -> Q:
    at = now()
    return Q(state=RunState.QUEUED, due_at__lte=at) | Q(state=RunState.RUNNING, lease_until__lte=at)


def _free_slots_of_the_dead() -> None:
    """Else the oldest run that is due might wait for ever for a place, and with it all others."""
    dead = CheckRun.objects.filter(state=RunState.RUNNING, lease_until__lte=now())
    dead.exclude(slot=None).update(slot=None)


def _as_read(run: CheckRun) -> QuerySet[CheckRun]:
    """The row, if nobody has taken it since it was read. For its worker: if it still has it."""
    return CheckRun.objects.filter(
        pk=run.pk, state=run.state, attempts=run.attempts, lease_token=run.lease_token
    )

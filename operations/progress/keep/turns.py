"""The turns: which worker keeps which progress, and what becomes of errors."""

import secrets
import threading
from datetime import datetime, timedelta

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils import timezone

from interviews import queries
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.progress.cleanup import delete_progress_of
from operations.progress.keep.state import ClaimLostError, ProgressFullError, StateKeeper
from operations.progress.manifest_store import (
    BrokenManifestError,
)
from operations.progress.models import ProgressWatch
from operations.progress.schedule import interval, is_kept
from operations.provisioners import get_provisioner as provisioner
from operations.provisioners.base import ProvisionError
from operations.worker.handler import shutdown_requested

logger = structlog.get_logger(__name__)

# A worker that is not done by then counts as dead.
CLAIM_DURATION = timedelta(minutes=10)
# One at a time in each worker process: an engine that hangs takes no other thread from it.
_place = threading.BoundedSemaphore(1)


def keep(interview_id: str) -> None:
    """Keep the progress if it is due, unless this process or another worker keeps it already."""
    if shutdown_requested.is_set() or not _place.acquire(blocking=False):
        return
    try:
        _keep_if_due(interview_id)
    finally:
        _place.release()


def _keep_if_due(interview_id: str) -> None:
    interview = queries.get_interview(interview_id)
    if interview is None or interview.state is not Status.ACTIVE or not interview.provisioner:
        return
    # One that left its machine may have half of its files yet.
    if is_kept(interview) and not interview.has_left_machine:
        _take_turn(interview, Q(due_at__lte=timezone.now()))


def keep_last(interview: Interview) -> None:
    """Keep what changed since the last turn, as the test is over and its workspace about to go.

    Errors are only logged. What another worker keeps at this moment stays the last state.
    """
    if not interview.provisioner or not is_kept(interview):
        return
    if interview.restoring_state is not None:
        # Nobody knows whether the workspace has all of its files again.
        return
    try:
        ProgressWatch.objects.get_or_create(pk=interview.id, defaults={"due_at": timezone.now()})
        _take_turn(interview, Q())
    except Exception:
        logger.exception("progress_not_kept", interview=interview.id)


def _take_turn(interview: Interview, is_due: Q) -> None:
    """Keep the progress if it is due and no other worker keeps it."""
    interview_id = interview.id
    token = secrets.token_hex(8)
    now = timezone.now()
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    if not ProgressWatch.objects.filter(is_free, is_due, pk=interview_id).update(
        claim=token, claimed_until=now + CLAIM_DURATION
    ):
        return
    watch = ProgressWatch.objects.get(pk=interview_id)
    try:
        engine = provisioner(interview.provisioner)
        StateKeeper(interview, engine, watch, token, now).run()
    except ClaimLostError:
        logger.info("progress_claim_lost", interview=interview_id)
    except (
        ProvisionError,
        BrokenManifestError,
        ImproperlyConfigured,
        ProgressFullError,
    ) as error:
        logger.warning("progress_not_kept", interview=interview_id, reason=str(error))
        _release(watch, token, now)
    except Exception:
        logger.exception("progress_not_kept", interview=interview_id)
        _release(watch, token, now)
    else:
        if queries.get_interview(interview_id) is None:
            # A deletion that did not see these rows.
            delete_progress_of(interview_id)
            return
        interview.record_kept(now)


def _release(watch: ProgressWatch, token: str, now: datetime) -> None:
    ProgressWatch.objects.filter(pk=watch.pk, claim=token).update(
        claim="", claimed_until=None, due_at=now + interval()
    )

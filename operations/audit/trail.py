"""Adding entries to the audit trail."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from operations.audit.codes import AuditAction
from operations.audit.models import AuditEntry
from operations.audit.origin import Origin, current_origin

# A person who keeps a page open is recorded once in this time as having seen its credentials.
SHOWN_AGAIN_AFTER = timedelta(minutes=10)


def record(
    action: AuditAction,
    interview_id: str = "",
    *,
    target: str = "",
    detail: str = "",
    origin: Origin | None = None,
) -> None:
    """Add an entry for what the origin did or saw; by default the current one.

    Without an origin nothing is written (see `current_origin`). `target` names what is not an
    interview, `detail` says more in a few words. Neither may hold a secret.
    """
    origin = origin or current_origin()
    if origin is None:
        return
    AuditEntry.objects.create(
        actor=origin.actor,
        what=action.value,
        via=origin.channel.value,
        interview_id=interview_id,
        target=target[:200],
        detail=detail[:500],
        address=origin.address,
    )


def record_once(action: AuditAction, interview_id: str) -> None:
    """Add an entry unless the interview has one: for a request that may be sent again."""
    if current_origin() is None:
        return
    if not AuditEntry.objects.filter(what=action.value, interview_id=interview_id).exists():
        record(action, interview_id)


def record_credentials_shown(interview_ids: Collection[str]) -> None:
    """Add an entry for each interview whose credentials this answer shows.

    An open page fetches them again and again, so one entry per person and interview in
    SHOWN_AGAIN_AFTER is enough.
    """
    _record_unless_recent(AuditAction.SAW_CREDENTIALS, interview_ids)


def record_submission_opened(interview_id: str) -> None:
    """Add an entry for a submission that is read: one per person in SHOWN_AGAIN_AFTER."""
    _record_unless_recent(AuditAction.OPENED_SUBMISSION, [interview_id])


def record_progress_opened(interview_id: str) -> None:
    """Add an entry for progress that is read: one per person in SHOWN_AGAIN_AFTER."""
    _record_unless_recent(AuditAction.OPENED_PROGRESS, [interview_id])


def _record_unless_recent(action: AuditAction, interview_ids: Collection[str]) -> None:
    origin = current_origin()
    if origin is None or not interview_ids:
        return
    recent = AuditEntry.objects.filter(
        actor=origin.actor,
        what=action.value,
        interview_id__in=interview_ids,
        at__gt=timezone.now() - SHOWN_AGAIN_AFTER,
    )
    known = set(recent.values_list("interview_id", flat=True))
    with transaction.atomic():
        for interview_id in interview_ids:
            if interview_id not in known:
                record(action, interview_id)

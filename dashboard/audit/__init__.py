"""The audit trail: who did what to which interview, when, and from where. Written by the faces,
which know who asks; read by whoever may."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from dashboard.models import AuditEntry
from dashboard.permissions.decorators import actor
from operations import rate_limit

SAW = "saw_credentials"
SAW_AGAIN_AFTER = timedelta(minutes=10)


def record(request: HttpRequest, what: str, interview_id: str = "", **more: str) -> None:
    """Add an entry for what the one who sends this request has done or seen.

    `more`: `target` of what is no interview, `detail` in a few words. Never a secret.
    """
    asker = actor(request)
    via = "api" if request.path.startswith("/api/") else "page"
    if request.path.startswith("/admin/"):
        via = "admin"
    write(
        asker.name,
        what,
        via=via,
        interview_id=interview_id,
        address=rate_limit.client_network(request.META.get("REMOTE_ADDR") or ""),
        **more,
    )


def record_once(request: HttpRequest, what: str, interview_id: str) -> None:
    """Add an entry, unless it is there: for what may be asked for again and is done once."""
    if not AuditEntry.objects.filter(what=what, interview_id=interview_id).exists():
        record(request, what, interview_id)


def saw(request: HttpRequest, interview_ids: Collection[str]) -> None:
    """Add an entry for each interview whose credentials this answer shows.

    A page that stands open fetches them again and again: once in a while per person is enough.
    """
    asker = actor(request)
    recently = AuditEntry.objects.filter(
        actor=asker.name,
        what=SAW,
        interview_id__in=interview_ids,
        at__gt=timezone.now() - SAW_AGAIN_AFTER,
    )
    known = set(recently.values_list("interview_id", flat=True)) if interview_ids else set()
    with transaction.atomic():
        for interview_id in interview_ids:
            if interview_id not in known:
                record(request, SAW, interview_id)


def write(
    actor_name: str,
    what: str,
    *,
    via: str,
    interview_id: str = "",
    target: str = "",
    detail: str = "",
    address: str = "",
) -> None:
    """Add an entry."""
    AuditEntry.objects.create(
        actor=actor_name,
        what=what,
        via=via,
        interview_id=interview_id,
        target=target[:200],
        detail=detail[:500],
        address=address,
    )

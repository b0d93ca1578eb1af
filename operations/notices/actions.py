"""Choosing what to be told of."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from operations import audit
from operations.audit import AuditAction
from operations.notices.models import NoticeEvent, NoticePreference, preference_of


def change_notices(user: Any, events: Iterable[str], *, only_own: bool) -> None:
    """Store what the person wants to be told of by e-mail, from now on."""
    chosen = [event.value for event in NoticeEvent if event in set(events)]
    before = preference_of(user)
    if (before.events, before.only_own) == (chosen, only_own):
        return
    NoticePreference.objects.update_or_create(
        user=user, defaults={"events": chosen, "only_own": only_own, "since": timezone.now()}
    )
    detail = f"notices: {', '.join(chosen) or 'none'}"
    audit.record(AuditAction.PROFILE_CHANGED, target=user.get_username(), detail=detail)

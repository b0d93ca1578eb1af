"""An administrator's actions: end an orphan now, or keep it for a day."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from interviews.events import WorkspacesChanged, publish
from operations import audit
from operations.audit import AuditAction
from operations.exceptions import WrongStateError
from operations.queue import dispatch
from operations.reaper.models import Orphan, not_leased, open_orphans

KEEP_FOR = timedelta(days=1)


def end_orphan_now(orphan: Orphan, *, by: str, save: bool = True) -> None:
    """Have a worker end it. `save=False`, after saving has failed, gives up on its files.
    WrongStateError: it is gone, or being ended."""
    gives_up = not save and orphan.failed_step == "save"
    changes: dict[str, Any] = {"save_files": False} if gives_up else {}
    _change(orphan, ended_by=by, end_at=timezone.now(), **changes)
    dispatch.enqueue_orphan_end(orphan.pk)
    action = AuditAction.WORKSPACE_ENDED_UNSAVED if gives_up else AuditAction.WORKSPACE_ENDED
    _record(action, orphan)


def keep_orphan(orphan: Orphan, *, by: str) -> None:
    """Leave it alone for a day from now. WrongStateError: it is gone, or being ended."""
    _change(orphan, ended_by="", kept_by=by, end_at=timezone.now() + KEEP_FOR, save_files=True)
    _record(AuditAction.WORKSPACE_KEPT, orphan)


def _change(orphan: Orphan, **changes: Any) -> None:
    orphans = open_orphans().filter(not_leased(timezone.now()), pk=orphan.pk)
    if not orphans.update(**changes):
        raise WrongStateError(_("It's already gone, or being shut down right now."))
    publish(WorkspacesChanged())


def _record(action: AuditAction, orphan: Orphan) -> None:
    audit.record(action, orphan.interview_id, target=str(orphan))

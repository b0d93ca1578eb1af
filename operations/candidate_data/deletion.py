"""Delete a candidate's data everywhere, and say what was done."""

from dataclasses import dataclass, field

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviews import queries
from interviews.lifecycle import FINAL, NOT_STARTED, EndReason
from interviews.models import Interview, StaleWriteError
from operations import actions, audit, retention
from operations.archives.archive import STORAGE_ERRORS
from operations.audit import AuditAction
from operations.bulk_import import service
from operations.candidate_data.inventory import Inventory
from operations.candidate_data.selection import Candidate
from operations.exceptions import WrongStateError
from operations.mail.models import Message

logger = structlog.get_logger(__name__)


@dataclass
class Deletion:
    """What was deleted, and the interviews that were not."""

    deleted: Inventory = field(default_factory=Inventory)
    # Left alone, because they may have a workspace.
    running: list[Interview] = field(default_factory=list)
    # Being ended now, without saving their files; they can be deleted once that is done.
    ending: list[Interview] = field(default_factory=list)
    # Changed at the same time, or the file store did not answer: to be tried again.
    failed: list[Interview] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not (self.running or self.ending or self.failed)

    def sentences(self) -> list[str]:
        """What was done, and what is left to do, for staff."""
        lines = [_("Deleted: %(what)s.") % {"what": self.deleted.in_words()}]
        if self.running:
            lines.append(
                ngettext(
                    "%(count)s interview is still in progress and wasn't deleted. Stop it first, "
                    "or choose to stop interviews in progress.",
                    "%(count)s interviews are still in progress and weren't deleted. Stop them "
                    "first, or choose to stop interviews in progress.",
                    len(self.running),
                )
                % {"count": len(self.running)}
            )
        if self.ending:
            lines.append(
                ngettext(
                    "%(count)s interview is being stopped. Delete again in a minute.",
                    "%(count)s interviews are being stopped. Delete again in a minute.",
                    len(self.ending),
                )
                % {"count": len(self.ending)}
            )
        if self.failed:
            lines.append(
                ngettext(
                    "%(count)s interview wasn't deleted because of an error. Try again.",
                    "%(count)s interviews weren't deleted because of an error. Try again.",
                    len(self.failed),
                )
                % {"count": len(self.failed)}
            )
        return lines


def delete_candidate(candidate: Candidate, *, by: str, end_running: bool = False) -> Deletion:
    """Delete all of a candidate's data. Repeat it if some was left.

    An invitation that was not started is withdrawn first. An interview that may have a workspace is
    left alone; with `end_running` it is ended without saving its files, and can be deleted once a
    worker has destroyed the workspace.
    """
    result = Deletion()
    for interview in candidate.interviews:
        try:
            _delete_one(interview, result, by, end_running)
        except (StaleWriteError, WrongStateError, *STORAGE_ERRORS):
            logger.exception("candidate_interview_not_deleted", interview=interview.id)
            result.failed.append(interview)
    result.deleted += Inventory(
        import_rows=service.erase_rows(candidate.other_rows()),
        emails=_delete_messages(candidate.other_messages()),
    )
    # Neither the name nor the address: the audit trail cannot be changed afterwards.
    audit.record(AuditAction.DELETED_CANDIDATE, detail=result.deleted.in_english())
    return result


def _delete_one(interview: Interview, result: Deletion, by: str, end_running: bool) -> None:
    if interview.state in NOT_STARTED:
        actions.revoke(interview, by=by, notify=False)
        interview = queries.get_interview(interview.id) or interview
    if interview.state in FINAL:
        result.deleted += retention.delete_interview(interview, by=by)
    elif end_running:
        actions.end(interview, by=by, reason=EndReason.ENDED_BY_STAFF, save=False)
        result.ending.append(interview)
    else:
        result.running.append(interview)


def _delete_messages(messages: list[Message]) -> int:
    return Message.objects.filter(pk__in=[each.pk for each in messages]).delete()[0]

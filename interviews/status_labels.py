"""The words for a status that pages, dialogs and messages show, in the reader's language."""

from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview

LABELS: dict[Status, Any] = {
    Status.SCHEDULED: _("Scheduled"),
    Status.AVAILABLE: _("Invited"),
    Status.ACTIVATED: _("Starting"),
    Status.INITIALIZING: _("Starting"),
    Status.CONFIGURING: _("Starting"),
    Status.ACTIVE: _("In progress"),
    Status.DESTROYING: _("Saving"),
    Status.COMPLETED: pgettext_lazy("status", "Finished"),
    Status.EXPIRED: _("Expired"),
    Status.REVOKED: _("Withdrawn"),
    Status.CANCELLED: _("Cancelled"),
    Status.ERROR: pgettext_lazy("status", "Failed"),
}
# Where each status needs a label of its own: a choice among all of them.
CHOICES: dict[Status, Any] = LABELS | {
    Status.ACTIVATED: _("Starting (queued)"),
    Status.INITIALIZING: _("Starting (creating the workspace)"),
    Status.CONFIGURING: _("Starting (waiting for the workspace)"),
    Status.COMPLETED: _("Submitted or finished"),
}


def status_label(status: Status) -> str:
    """The label of a status, such as "In progress"."""
    return str(LABELS[status])


def interview_label(interview: Interview) -> str:
    """The label of an interview's status, which also tells apart who ended it."""
    if interview.state is Status.COMPLETED and interview.end_reason == EndReason.SUBMITTED:
        return gettext("Submitted")
    return status_label(interview.state)

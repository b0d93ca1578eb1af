"""The product's subjects, with %(name)s and %(day)s in them."""

from django.utils.translation import gettext as _

from operations.mail.models import MessageKind


def of_take_home() -> dict[MessageKind, str]:
    """To candidates; `name` is the test's."""
    return {
        MessageKind.INVITATION: _("Your take-home test: %(name)s"),
        MessageKind.REMINDER: _("Reminder: your take-home test: %(name)s"),
        MessageKind.CHANGED: _("Changed: your take-home test: %(name)s"),
        MessageKind.CANCELLED: _("Withdrawn: your take-home test: %(name)s"),
        MessageKind.READY: _("Ready: your take-home test: %(name)s"),
        MessageKind.SUBMITTED: _("Submitted: your take-home test: %(name)s"),
    }


def of_interview(*, is_dated: bool) -> dict[MessageKind, str]:
    """To candidates, about a live interview."""
    if is_dated:
        return {
            MessageKind.SCHEDULED: _("Your interview on %(day)s"),
            MessageKind.REMINDER: _("Reminder: your interview on %(day)s"),
            MessageKind.CHANGED: _("Changed: your interview on %(day)s"),
            MessageKind.CANCELLED: _("Cancelled: your interview on %(day)s"),
        }
    return {
        MessageKind.SCHEDULED: _("Your interview starts now"),
        MessageKind.REMINDER: _("Reminder: your interview starts now"),
        MessageKind.CHANGED: _("Changed: your interview"),
        MessageKind.CANCELLED: _("Cancelled: your interview"),
    }


def to_interviewer(*, is_dated: bool) -> dict[MessageKind, str]:
    """To interviewers and inviters; `name` is the candidate's."""
    report = {MessageKind.PROBLEM: _("Problem reported: %(name)s")}
    if is_dated:
        return report | {
            MessageKind.SCHEDULED: _("Interview with %(name)s on %(day)s"),
            MessageKind.CHANGED: _("Changed: interview with %(name)s on %(day)s"),
            MessageKind.CANCELLED: _("Cancelled: interview with %(name)s on %(day)s"),
        }
    return report | {
        MessageKind.SCHEDULED: _("Interview with %(name)s"),
        MessageKind.CHANGED: _("Changed: interview with %(name)s"),
        MessageKind.CANCELLED: _("Cancelled: interview with %(name)s"),
    }

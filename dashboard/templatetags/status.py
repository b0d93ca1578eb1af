"""Labels of statuses."""

from django import template

from interviews import status_labels
from interviews.lifecycle import Status
from interviews.models import Interview

register = template.Library()


@register.filter
def status_label(status: Status) -> str:
    """ "In progress"."""
    return status_labels.status_label(status)


@register.filter
def interview_label(interview: Interview) -> str:
    """The same of an interview; "Submitted" if its candidate ended it."""
    return status_labels.interview_label(interview)

"""The calendar event that an e-mail about an interview has."""

from email.mime.text import MIMEText
from email.utils import parseaddr

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from interviews.lifecycle import Status
from interviews.models import Interview
from operations.mail import calendar_event
from operations.mail.calendar_event import EventDetails, EventEnd
from operations.mail.changes import is_removal
from operations.mail.models import Message, MessageKind
from operations.mail.subjects import (
    challenge_name,
    one_line,
)

WITHOUT_ENTRY = (
    MessageKind.REMINDER,
    MessageKind.PROBLEM,
    MessageKind.READY,
    MessageKind.SUBMITTED,
)


def _event_end(message: Message, interview: Interview) -> EventEnd | None:
    if message.kind != MessageKind.CANCELLED:
        return None
    return EventEnd.REMOVED if is_removal(message, interview) else EventEnd.CANCELLED


def has_entry(message: Message, interview: Interview) -> bool:
    if message.kind in WITHOUT_ENTRY:
        return False
    if not calendar_event.has_event(interview):
        return False
    # The last moment to start says nothing once the test was started.
    is_over = interview.is_take_home and interview.state is not Status.AVAILABLE
    return message.kind == MessageKind.CANCELLED or not is_over


def _sequence(interview: Interview) -> int:
    """The SEQUENCE of the calendar event: it grows with each change, and with each resend."""
    sent = Message.objects.filter(
        interview_id=interview.id,
        kind__in=[MessageKind.INVITATION, MessageKind.SCHEDULED],
        # The number of an interviewer's is a position in the timeline.
        interviewer="",
    )
    resends = sent.aggregate(Max("number"))["number__max"] or 0
    return max(0, len(interview.timeline) - 1) + int(resends)


def _event_title(message: Message, interview: Interview) -> str:
    if message.interviewer:
        return _("Interview with %(name)s") % {"name": one_line(interview.candidate_name)}
    if interview.is_take_home:
        name = one_line(challenge_name(interview))
        return _("Deadline to start: %(name)s") % {"name": name}
    return _("Interview")


def calendar_attachment(
    message: Message, interview: Interview, *, link: str, host: str
) -> MIMEText:
    """The event with this link; `host` makes its id unique."""
    details = EventDetails(
        title=_event_title(message, interview),
        link=link,
        host=host,
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        attendee=message.to,
        sequence=_sequence(interview),
    )
    method, event = calendar_event.calendar_event(
        interview, details, _event_end(message, interview)
    )
    part = MIMEText(event, "calendar", "utf-8")
    part.set_param("method", method)
    part.add_header("Content-Disposition", "attachment", filename="interview.ics")
    return part

"""The emails about a change, as they are read."""

from email import message_from_bytes, policy

import icalendar
from django.core import mail

from interviews.dynamodb import now
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from operations.mail import sender
from operations.mail.models import Message
from tests.operations.mail.conftest import messages

OTHER = "grace@example.com"


def kinds(interview):
    return [(each.kind, each.number, each.state) for each in messages(interview)]


def send_waiting(interview):
    """Send what is due, and return the e-mails as a mail program parses them."""
    before = len(mail.outbox)
    for message in Message.objects.due(now()).filter(interview_id=interview.id):
        sender.send_message(message.pk)
    raw = [each.message().as_bytes() for each in mail.outbox[before:]]
    return [message_from_bytes(each, policy=policy.default) for each in raw]


def text(email):
    return email.get_body(("plain",)).get_content()


def edit(interview, *, notify=True, **fields):
    actions.edit_invitation(interview, InvitationEdit(**fields), by="grace", notify=notify)


def entry(email):
    """The METHOD and the event of the attached calendar entry."""
    (attached,) = email.iter_attachments()
    calendar = icalendar.Calendar.from_ical(attached.get_content())
    assert attached.get_param("method") == calendar["METHOD"]
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event

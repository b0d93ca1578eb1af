"""Render a notice when it is sent: it names the candidate, so that it is stored nowhere."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _

from interviews.lifecycle import EndReason
from interviews.models import Interview
from operations.mail.messages import interview_url, message_headers
from operations.mail.models import MAX_SUBJECT, Message
from operations.mail.subjects import challenge_name, one_line
from operations.notices.models import NoticeEvent, StaffNotice, event_at
from operations.notices.queue import may_see_interviews
from operations.reviews.hidden_names import shown_to_person


def notice_of(message: Message) -> StaffNotice | None:
    return StaffNotice.objects.select_related("user").filter(message=message).first()


def reason_not_to_send(message: Message, interview: Interview | None) -> str:
    """Why the notice is no longer needed, or "" if it should be sent."""
    notice = notice_of(message)
    if notice is None or interview is None or notice.moment >= len(interview.timeline):
        return "The interview is no longer there."
    if not notice.user.is_active:
        return "The account was deactivated."
    if not may_see_interviews(notice.user):
        return "They may no longer see interviews."
    return "" if notice.user.email == message.to else "The person's address was changed."


def render_staff_notice(
    message: Message, notice: StaffNotice, interview: Interview
) -> EmailMessage:
    """Render the e-mail. It has no link of the candidate's and no password."""
    event = event_at(interview, notice.moment) or NoticeEvent.FINISHED
    names = {
        "candidate": one_line(shown_to_person(notice.user, interview).candidate_name),
        "challenge": one_line(challenge_name(interview)),
        "text": str(interview.timeline[notice.moment].text or ""),
    }
    text = "\n\n".join(
        (
            _sentence(event, interview) % names,
            interview_url(interview),
            _("You chose to be told of this on your profile:")
            + f"\n{settings.SITE_URL}{reverse('dashboard:profile')}",
        )
    )
    return EmailMessage(
        subject=one_line(_subject(event) % names)[:MAX_SUBJECT],
        body=text + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers=message_headers(f"staff-notice.{message.pk}"),
    )


def _subject(event: NoticeEvent) -> str:
    return {
        NoticeEvent.FINISHED: _("Finished: %(candidate)s, %(challenge)s"),
        NoticeEvent.EXPIRED: _("Expired: %(candidate)s, %(challenge)s"),
        NoticeEvent.PROBLEM: _("Problem reported: %(candidate)s, %(challenge)s"),
        NoticeEvent.FAILED: _("Couldn't start: %(candidate)s, %(challenge)s"),
    }[event]


def _sentence(event: NoticeEvent, interview: Interview) -> str:
    if event is NoticeEvent.EXPIRED:
        return _("%(candidate)s didn't start “%(challenge)s” in time. The invitation has expired.")
    if event is NoticeEvent.FAILED:
        return _("The workspace of %(candidate)s for “%(challenge)s” couldn't be started.")
    if event is NoticeEvent.PROBLEM:
        return _("%(candidate)s reported a problem:") + "\n\n%(text)s"
    if not interview.is_take_home:
        return _("The interview with %(candidate)s is finished.")
    if interview.end_reason == EndReason.SUBMITTED:
        return _("%(candidate)s submitted “%(challenge)s”.")
    return _("The test “%(challenge)s” of %(candidate)s is finished.")

"""Queue e-mails to those who want to be told of a change. It is idempotent."""

from typing import Any

from django.conf import settings
from django.db import transaction

from interviews.dynamodb import now
from interviews.models import Interview
from operations.mail.interviewers import is_interviewer
from operations.mail.models import Message, MessageKind
from operations.notices.models import NoticeEvent, NoticePreference, StaffNotice, event_at

# What somebody needs to see an interview, `Permission.VIEW` of the dashboard.
VIEW = "dashboard.view_interviews"
# Of the message in the admin's list; the e-mail's own names the candidate.
SUBJECTS = {
    NoticeEvent.FINISHED: "An interview is finished",
    NoticeEvent.EXPIRED: "An invitation has expired",
    NoticeEvent.FAILED: "A workspace couldn't be started",
    NoticeEvent.PROBLEM: "A candidate has a problem",
}


def queue_notices(interview: Interview) -> None:
    """Queue an e-mail for each change that was not relayed yet, to each person who wants it."""
    first = int(interview.outbox_done or 0)
    pending = [
        (moment, event)
        for moment in range(first, len(interview.timeline))
        if (event := event_at(interview, moment)) is not None
    ]
    if not pending or interview.is_dry_run or not settings.MAIL_IS_ON:
        return
    for preference in NoticePreference.objects.select_related("user"):
        since = preference.since.replace(microsecond=0)
        wanted = [
            (moment, event)
            for moment, event in pending
            if event in preference.events and interview.timeline[moment].at >= since
        ]
        # Their permissions cost queries, so who wants none of it is not asked for them.
        if wanted and _may_be_told(preference, interview):
            for moment, event in wanted:
                _queue(preference.user, interview, moment, event)


def delete_notices_of(interview_id: str) -> int:
    """Delete the notices of a deleted interview, and return how many e-mails there were."""
    notices = StaffNotice.objects.filter(interview_id=interview_id)
    messages = list(notices.exclude(message=None).values_list("message_id", flat=True))
    notices.delete()
    Message.objects.filter(pk__in=messages).delete()
    return len(messages)


def _may_be_told(preference: NoticePreference, interview: Interview) -> bool:
    user = preference.user
    if not (user.email and may_see_interviews(user)):
        return False
    return not preference.only_own or is_own(user, interview)


def may_see_interviews(user: Any) -> bool:
    """True if the person may read what a notice says."""
    return bool(user.is_active and user.is_staff and user.has_perm(VIEW))


def is_own(user: Any, interview: Interview) -> bool:
    """True if the person created the interview, or is one of its interviewers."""
    username = user.get_username()
    if interview.created_by == username:
        return True
    return any(is_interviewer(interview, name) for name in (username, user.email) if name)


def _queue(user: Any, interview: Interview, moment: int, event: NoticeEvent) -> None:
    if event is NoticeEvent.PROBLEM and user.get_username() == interview.created_by:
        # Whoever invited the candidate gets the report anyway.
        return
    at = now()
    with transaction.atomic():
        notice, is_new = StaffNotice.objects.get_or_create(
            user=user, interview_id=interview.id, moment=moment
        )
        if is_new:
            notice.message = Message.objects.create(
                kind=MessageKind.STAFF_NOTICE,
                to=user.email,
                user_id=user.pk,
                subject=SUBJECTS[event],
                send_at=at,
                created_by="schedule",
                created_at=at,
            )
            notice.save(update_fields=["message"])

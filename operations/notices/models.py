"""What members of staff want to be told of, and what they were told."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.mail.models import Message


class NoticeEvent(StrEnum):
    """What a person can be told of. The values are stored."""

    FINISHED = "finished"
    EXPIRED = "expired"
    FAILED = "failed"
    PROBLEM = "problem"


# The status that an interview changes to.
BY_STATUS = {
    Status.COMPLETED: NoticeEvent.FINISHED,
    Status.EXPIRED: NoticeEvent.EXPIRED,
    Status.ERROR: NoticeEvent.FAILED,
}


def event_at(interview: Interview, moment: int) -> NoticeEvent | None:
    """What people can be told of at this position of the timeline, or None."""
    entry = interview.timeline[moment]
    if entry.what == TimelineEvent.PROBLEM_REPORTED:
        return NoticeEvent.PROBLEM
    previous = interview.timeline[moment - 1].status if moment else None
    return BY_STATUS.get(Status(entry.status)) if entry.status != previous else None


class NoticePreference(models.Model):
    """Without a row a person is told of nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preference"
    )
    # Values of NoticeEvent. Those of other versions are ignored.
    events = models.JSONField(default=list)
    # Only interviews that the person created, or is an interviewer of.
    only_own = models.BooleanField(default=True)
    # Nothing is told of what happened before.
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.events)}"


class StaffNotice(models.Model):
    """One person is told once of a change; `moment` is its position in the timeline.

    The text is rendered when it is sent, as it names the candidate.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    interview_id = models.CharField(max_length=100, db_index=True)
    moment = models.PositiveIntegerField()
    message = models.OneToOneField(Message, on_delete=models.CASCADE, null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "interview_id", "moment"], name="one_notice_of_a_change_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interview_id} {self.moment}: {self.user_id}"


def preference_of(user: Any) -> NoticePreference:
    """The person's preference; an unsaved one without events if there is none."""
    found = NoticePreference.objects.filter(user=user).first()
    return found or NoticePreference(user=user)

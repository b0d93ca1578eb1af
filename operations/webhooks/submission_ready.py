"""The webhook message that a submission can be read: its files are saved, and listed.

The relay of changes writes it with the end of the sitting, once for each webhook, as a delivery
that waits (`next_at` is None) until the index of the archive is made. Files that were saved later,
from a workspace that was left over, are told of when the reaper has saved them.
"""

import json
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from interviews import queries
from interviews.dynamodb import now
from interviews.indexes import EarlierArchive
from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from interviews.outbox import PlanChange, StatusChange, status_changes
from interviews.timeline import TimelineEvent
from operations.archives import archive
from operations.queue import dispatch
from operations.submissions import service
from operations.webhooks import payload
from operations.webhooks.models import SUBMISSION_READY, Delivery, DeliveryStatus, Webhook

# A worker is asked again for an index that is still missing after this time, and that often.
ASK_AGAIN_AFTER = timedelta(seconds=60)
# So long a message waits. Then it is given up; staff can have it sent without the totals.
LONGEST_WAIT = timedelta(days=1)


def new_deliveries(
    webhook: Webhook, interview: Interview, changes: Iterable[StatusChange | PlanChange]
) -> list[Delivery]:
    """The messages about sittings that ended with saved files in these changes, and about those of
    before whose files were saved since. The table keeps one for each sitting."""
    if not webhook.sends_reviews or interview.type not in webhook.types:
        return []
    deliveries = []
    archives = archive.archives_of_sittings(interview)
    new = {change.moment for change in changes}
    for sitting, change in _ends(interview).items():
        if sitting not in archives:
            continue
        place, files = archives[sitting][-1]
        is_new = change.moment in new
        if not is_new and not _was_saved_late(files, change):
            continue
        ready_at = change.at if is_new else files.at
        if ready_at < webhook.created_at.replace(microsecond=0):
            continue
        message_id = uuid.uuid4()
        fields = {
            "opening": place,
            "sitting": sitting,
            "archiveBytes": None if files.bytes is None else int(files.bytes),
            "endedAt": change.at,
        }
        deliveries.append(
            Delivery(
                id=message_id,
                webhook=webhook,
                interview_id=interview.id,
                moment=change.moment,
                event=SUBMISSION_READY,
                body=payload.review_payload(
                    message_id, SUBMISSION_READY, webhook, interview, "submission", fields
                ),
                next_at=None,
            )
        )
    return deliveries


def _ends(interview: Interview) -> dict[int, StatusChange]:
    """The last end of each sitting, by its number: an expired invitation may get a new deadline."""
    ends = [change for change in status_changes(interview) if Status(change.status) in FINAL]
    return {_sitting_at(interview, change.moment): change for change in ends}


def _was_saved_late(files: EarlierArchive, end: StatusChange) -> bool:
    """Whether the files were saved after the sitting's end, and not so long ago that the table may
    have forgotten a message about them."""
    return files.at is not None and max(end.at, now() - LONGEST_WAIT) < files.at


def release_deliveries(interview_id: str) -> None:
    """Let the messages go whose submissions are listed now, with the totals.

    One conditional write for each: it is repeated without harm.
    """
    waiting = list(_waiting().filter(interview_id=interview_id))
    interview = queries.get_interview(interview_id) if waiting else None
    if interview is None:
        return
    for delivery in waiting:
        message = json.loads(delivery.body)
        summary = service.summary_of(interview, message["submission"]["opening"])
        if summary is not None:
            message["submission"] |= {
                "files": summary.files,
                "bytes": summary.total_bytes,
                **summary.changes,
                "compared": summary.is_compared,
                "problem": summary.problem,
            }
            _waiting().filter(pk=delivery.pk).update(
                body=payload.to_json(message), next_at=timezone.now(), rung_until=None
            )


def ask_for_indexes() -> None:
    """Ask for the indexes that messages have waited for too long, or give those messages up."""
    at = timezone.now()
    _waiting().filter(created_at__lte=at - LONGEST_WAIT).update(
        state=DeliveryStatus.GIVEN_UP, error="The submitted files couldn't be listed."
    )
    late = _waiting().filter(
        Q(rung_until=None) | Q(rung_until__lte=at), created_at__lte=at - ASK_AGAIN_AFTER
    )
    for interview_id in set(late.values_list("interview_id", flat=True)):
        asked = late.filter(interview_id=interview_id).update(rung_until=at + ASK_AGAIN_AFTER)
        if asked:
            dispatch.enqueue_submission_index(str(interview_id))


def delete_waiting(interview_id: str) -> int:
    """Delete the messages of a deleted interview that nobody will let go; return how many."""
    return _waiting().filter(interview_id=interview_id).delete()[0]


def _waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        event=SUBMISSION_READY, state=DeliveryStatus.PENDING, next_at=None
    )


def _sitting_at(interview: Interview, moment: int) -> int:
    """The sitting of this position in the timeline.

    Counted from the last one: an earlier portal's row may lack the reopenings before it.
    """
    later = interview.timeline[moment + 1 :]
    reopenings = sum(event.what == TimelineEvent.REOPENED for event in later)
    return int(interview.reopened or 0) + 1 - reopenings

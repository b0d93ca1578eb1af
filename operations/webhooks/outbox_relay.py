"""Turn changes into deliveries, exactly one per change and webhook, and into emails.

The search learns of a new name here as well, if the process that changed it died too early.

It is safe to run concurrently, and again after it was cut off.
"""

import uuid

from interviews import outbox, queries
from interviews.events import WebhookChanged, publish
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.outbox import PlanChange, StatusChange
from interviews.search import renames
from operations.checks import actions as checks
from operations.mail import plan_changes
from operations.notices.queue import queue_notices
from operations.reviews import reviewers
from operations.webhooks import payload, submission_ready
from operations.webhooks.models import UNFINISHED, Delivery, Webhook


def relay_changes(interview_id: str) -> None:
    """Queue the interview's new changes, and remove its mark."""
    interview = queries.get_interview(interview_id)
    if interview is None or interview.outbox is None:
        return
    plan_changes.queue_messages_or_fail(interview)
    changes = outbox.pending_changes(interview)
    if interview.state not in FINAL and _is_renamed(changes):
        # In case the process that made the change died before it did. What is over may be being
        # deleted, with its words first.
        renames.settle_words(interview)
    rows = [
        _new_delivery(webhook, interview, change)
        for webhook in Webhook.objects.filter(is_active=True)
        for change in changes
        # Not changes from before the webhook existed, which the outbox may still contain.
        if change.at >= webhook.created_at.replace(microsecond=0)
        and _is_told(webhook, interview, change)
    ]
    ready = [
        delivery
        for webhook in Webhook.objects.filter(is_active=True, sends_reviews=True)
        for delivery in submission_ready.new_deliveries(webhook, interview, changes)
    ]
    rows += ready
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    if ready:
        # The index may have been made before.
        submission_ready.release_deliveries(interview.id)
    queue_notices(interview)
    reviewers.note_end(interview)
    checks.queue_after_end(interview)
    outbox.mark_relayed(interview)
    for webhook_id in {row.webhook_id for row in rows}:
        publish(WebhookChanged(webhook_id=webhook_id))


def _is_renamed(changes: list[StatusChange | PlanChange]) -> bool:
    edits = [change for change in changes if isinstance(change, PlanChange)]
    return any(renames.SEARCHED & set(edit.changed) for edit in edits)


def redact_deliveries(interview_id: str) -> int:
    """Delete a deleted interview's finished deliveries, and the name from its unfinished ones.

    Returns how many there were of both.
    """
    relay_changes(interview_id)
    rows = Delivery.objects.filter(interview_id=interview_id)
    waiting = submission_ready.delete_waiting(interview_id)
    deleted = waiting + rows.exclude(state__in=UNFINISHED).delete()[0]
    unfinished = list(rows)
    for delivery in unfinished:
        rows.filter(pk=delivery.pk).update(body=payload.remove_name(delivery.body))
    return deleted + len(unfinished)


def _is_told(webhook: Webhook, interview: Interview, change: StatusChange | PlanChange) -> bool:
    if isinstance(change, PlanChange):
        return webhook.sends_edits and interview.type in webhook.types
    return webhook.is_subscribed_to(interview.type, change.status)


def _new_delivery(
    webhook: Webhook, interview: Interview, change: StatusChange | PlanChange
) -> Delivery:
    message_id = uuid.uuid4()
    body, event = payload.change_payload(message_id, webhook, interview, change)
    return Delivery(
        id=message_id,
        webhook=webhook,
        interview_id=interview.id,
        moment=change.moment,
        event=event,
        body=body,
    )

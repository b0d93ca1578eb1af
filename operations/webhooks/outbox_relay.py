"""Turns changes of status into deliveries: repeated, overlapping or cut short, once per webhook."""

import uuid

from interviews import outbox, queries
from interviews.events import WebhookChanged, publish
from interviews.models import Interview
from interviews.outbox import StatusChange
from operations.webhooks import payload
from operations.webhooks.models import STATUS_CHANGED, UNFINISHED, Delivery, Webhook


def relay(interview_id: str) -> None:
    """Queue what is not queued yet of this interview, and take its mark off."""
    interview = queries.get_interview(interview_id)
    if interview is None or interview.outbox is None:
        return
    changes = outbox.pending_changes(interview)
    rows = [
        _delivery(webhook, interview, change)
        for webhook in Webhook.objects.filter(is_active=True)
        for change in changes
        # What was before a webhook is not told to it: a row may be older than its outbox.
        if change.at >= webhook.created_at.replace(microsecond=0)
        and webhook.wants(interview.type, change.status)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    outbox.mark_relayed(interview)
    for webhook_id in {row.webhook_id for row in rows}:
        publish(WebhookChanged(webhook_id=webhook_id))


def delete_change(interview_id: str) -> None:
    """The interview is being deleted: what was sent goes from the log, and the candidate's name
    from what is still to be sent."""
    relay(interview_id)
    rows = Delivery.objects.filter(interview_id=interview_id)
    rows.exclude(state__in=UNFINISHED).delete()
    for delivery in rows:
        rows.filter(pk=delivery.pk).update(body=payload.without_name(delivery.body))


def _delivery(webhook: Webhook, interview: Interview, change: StatusChange) -> Delivery:
    message_id = uuid.uuid4()
    return Delivery(
        id=message_id,
        webhook=webhook,
        interview_id=interview.id,
        moment=change.moment,
        event=STATUS_CHANGED,
        body=payload.of_change(message_id, webhook, interview, change),
    )

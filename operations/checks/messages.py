"""The webhook message about checks. It has numbers: names and output of tests are in the API."""

import uuid

from interviews.models import Interview
from operations.checks.models import CheckRun
from operations.webhooks import payload
from operations.webhooks.models import CHECKS_FINISHED, Delivery, Webhook


def queue_checks_finished(interview: Interview, run: CheckRun) -> None:
    """Write it in the transaction of the run's end, so that there is one for each."""
    fields = {
        "runId": str(run.pk),
        "state": run.state,
        "reason": run.reason or None,
        "challengeVersion": run.version,
        "passed": run.passed,
        "total": run.total,
        "finishedAt": run.finished_at,
    }
    rows = []
    for webhook in Webhook.objects.filter(is_active=True, sends_reviews=True):
        if interview.type not in webhook.types:
            continue
        message_id = uuid.uuid4()
        body = payload.review_payload(
            message_id, CHECKS_FINISHED, webhook, interview, "checks", fields
        )
        rows.append(
            Delivery(
                id=message_id,
                webhook=webhook,
                interview_id=interview.id,
                event=CHECKS_FINISHED,
                body=body,
            )
        )
    Delivery.objects.bulk_create(rows)

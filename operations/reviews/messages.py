"""The webhook messages about reviews and decisions.

They are written in the transaction of the change, so there is one for each. None has a score, a
comment or a reason: who may see those asks the API.
"""

import uuid
from typing import Any

from interviews.models import Interview
from operations.reviews.models import Decision, Review
from operations.webhooks import payload
from operations.webhooks.models import DECISION_MADE, REVIEW_SUBMITTED, Delivery, Webhook


def queue_review_submitted(interview: Interview, review: Review) -> None:
    fields = {"reviewer": review.reviewer_name, "submittedAt": review.submitted_at}
    _queue(interview, REVIEW_SUBMITTED, "review", fields)


def queue_decision_made(
    interview: Interview, decision: Decision, *, previous: Decision | None
) -> None:
    fields = {
        "outcome": decision.outcome,
        "previousOutcome": None if previous is None else previous.outcome,
        # Lets the receiver order messages, which may arrive out of order.
        "sequence": decision.number,
        "decidedBy": decision.decided_by,
        "decidedAt": decision.decided_at,
    }
    _queue(interview, DECISION_MADE, "decision", fields)


def _queue(interview: Interview, event: str, name: str, fields: dict[str, Any]) -> None:
    rows = []
    for webhook in Webhook.objects.filter(is_active=True, sends_reviews=True):
        if interview.type not in webhook.types:
            continue
        message_id = uuid.uuid4()
        body = payload.review_payload(message_id, event, webhook, interview, name, fields)
        rows.append(
            # No `moment`: it is no change of the timeline.
            Delivery(
                id=message_id, webhook=webhook, interview_id=interview.id, event=event, body=body
            )
        )
    Delivery.objects.bulk_create(rows)

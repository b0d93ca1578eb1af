"""The JSON of a message.

It never has an address, password, passcode or file, and a name only if the webhook asks for it.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from interviews.models import Interview
from interviews.outbox import PlanChange, StatusChange
from interviews.timeline import TimelineEvent
from operations.webhooks.models import EDITED, RESCHEDULED, STATUS_CHANGED, TEST, Webhook

EVENTS = {TimelineEvent.EDITED: EDITED, TimelineEvent.RESCHEDULED: RESCHEDULED}


def change_payload(
    message_id: uuid.UUID,
    webhook: Webhook,
    interview: Interview,
    change: StatusChange | PlanChange,
) -> tuple[str, str]:
    """Return the message about one change, and the name of its event.

    Besides the status, the fields are those of the interview now.
    """
    event = EVENTS[change.what] if isinstance(change, PlanChange) else STATUS_CHANGED
    fields: dict[str, Any] = {
        "id": interview.id,
        "type": interview.type,
        "status": change.status,
        "previousStatus": change.status if isinstance(change, PlanChange) else change.previous,
        "changedAt": _format_time(change.at),
        # Lets the receiver order messages, which may arrive out of order.
        "sequence": change.moment,
        "challenge": interview.challenge,
        "challengeVersion": _int_or_none(interview.challenge_version),
        "durationMinutes": _int_or_none(interview.duration_minutes),
        "createdAt": _format_time(interview.created_at),
    }
    if isinstance(change, PlanChange):
        fields |= {
            "changed": list(change.changed),
            "validUntil": _time_or_none(interview.valid_until),
            "scheduledAt": _time_or_none(interview.scheduled_at),
            "timeZone": interview.time_zone,
        }
    if webhook.sends_name:
        fields["candidateName"] = interview.candidate_name
    return _message(message_id, event, interview=fields), event


def review_payload(
    message_id: uuid.UUID,
    event: str,
    webhook: Webhook,
    interview: Interview,
    name: str,
    fields: dict[str, Any],
) -> str:
    """Return the message about a review, a decision or checks, whose fields are under `name`."""
    about: dict[str, Any] = {
        "id": interview.id,
        "type": interview.type,
        "status": interview.status,
        "challenge": interview.challenge,
    }
    if webhook.sends_name:
        about["candidateName"] = interview.candidate_name
    values = {
        key: _format_time(value) if isinstance(value, datetime) else value
        for key, value in fields.items()
    }
    return _message(message_id, event, interview=about, **{name: values})


def test_payload(message_id: uuid.UUID, webhook: Webhook) -> str:
    return _message(message_id, TEST, webhook={"id": webhook.pk, "name": webhook.name})


def remove_name(body: str) -> str:
    message = json.loads(body)
    message.get("interview", {}).pop("candidateName", None)
    return to_json(message)


def _message(message_id: uuid.UUID, event: str, **subject: Any) -> str:
    created_at = _format_time(datetime.now(UTC))
    return to_json({"id": str(message_id), "event": event, "createdAt": created_at, **subject})


def to_json(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _time_or_none(at: datetime | None) -> str | None:
    return None if at is None else _format_time(at)


def _int_or_none(number: float | None) -> int | None:
    return None if number is None else int(number)

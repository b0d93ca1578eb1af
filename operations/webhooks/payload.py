"""What a message says. No address, password, passcode or file; a name only where it is wanted."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from interviews.models import Interview
from interviews.outbox import StatusChange
from operations.webhooks.models import STATUS_CHANGED, TEST, Webhook


def of_change(
    message_id: uuid.UUID, webhook: Webhook, interview: Interview, change: StatusChange
) -> str:
    """Of the interview as it was at that change; what else is said of it never changes."""
    about: dict[str, Any] = {
        "id": interview.id,
        "type": interview.type,
        "status": change.status,
        "previousStatus": change.previous,
        "changedAt": _iso(change.at),
        # Messages may come in another order than changes did.
        "sequence": change.moment,
        "challenge": interview.challenge,
        "challengeVersion": _whole(interview.challenge_version),
        "durationMinutes": _whole(interview.duration_minutes),
        "createdAt": _iso(interview.created_at),
    }
    if webhook.sends_name:
        about["candidateName"] = interview.candidate_name
    return _message(message_id, STATUS_CHANGED, interview=about)


def of_test(message_id: uuid.UUID, webhook: Webhook) -> str:
    return _message(message_id, TEST, webhook={"id": webhook.pk, "name": webhook.name})


def without_name(body: str) -> str:
    message = json.loads(body)
    message.get("interview", {}).pop("candidateName", None)
    return _text(message)


def _message(message_id: uuid.UUID, event: str, **about: Any) -> str:
    created_at = _iso(datetime.now(UTC))
    return _text({"id": str(message_id), "event": event, "createdAt": created_at, **about})


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)

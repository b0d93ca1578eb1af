"""What the webhook of the round received: each message once, and with a signature that fits."""

import json
from collections import Counter
from typing import Any

from standardwebhooks import Webhook

from tests.e2e.conftest import Staff
from tests.receiver import Receiver
from tests.services import wait_until

STATUS_CHANGED = "interview.status_changed"


def add_webhook(admin: Staff, url: str) -> tuple[int, str]:
    """Let the receiver be told of ends, and of all that follows; return the id and the secret."""
    fields = {"name": "ATS", "url": url, "statuses": ["completed"], "sendsReviews": True}
    made = admin.post("/api/webhooks", fields)
    return made["webhook"]["id"], made["secret"]


def received_messages(
    admin: Staff, receiver: Receiver, webhook: tuple[int, str], expected: Counter[str]
) -> list[dict[str, Any]]:
    """Wait until nothing waits to be sent, and return all that came, after its signature was
    checked. `expected` says how many of each event there must be."""
    number, secret = webhook
    log = f"{admin.origin}/api/webhooks/{number}/deliveries"

    def sent() -> list[dict[str, Any]]:
        return list(admin.page.request.get(log).json()["items"])

    def is_all_sent() -> bool:
        deliveries = sent()
        is_done = all(each["state"] == "delivered" for each in deliveries)
        return is_done and len(deliveries) >= expected.total()

    wait_until(is_all_sent, "messages are missing", 40, pause=0.5)
    messages = []
    for each in receiver.received:
        # It raises an exception for a signature that does not fit.
        Webhook(secret).verify(each.body, each.headers)
        messages.append(json.loads(each.body))
    assert Counter(each["event"] for each in messages) == expected
    ids = [each["id"] for each in messages]
    assert sorted(ids) == sorted({each["id"] for each in sent()})
    return messages


def about(messages: list[dict[str, Any]], event: str, part: str) -> dict[str, list[dict[str, Any]]]:
    """By the interview's id, what the messages of an event say in that part."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in messages:
        if each["event"] == event:
            found.setdefault(each["interview"]["id"], []).append(each[part])
    return found

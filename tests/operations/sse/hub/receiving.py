"""Subscriptions, and what they receive."""

import json
from typing import Any

from interviews.events import (
    InterviewChanged,
    publish,
)
from operations.sse.subscription import Subscription
from tests.operations.sse.stream_services import RedisServer, until


def change(interview_id: str, status: str = "active") -> None:
    publish(InterviewChanged(interview_id, "take-home", status))


def ids(server: RedisServer) -> list[str]:
    entries: Any = server.client.xrange("events")
    return [entry_id.decode() for entry_id, _ in entries]


def read(chunk: bytes) -> list[tuple[str, str, dict[str, object]]]:
    """The (id, event, data) of each message."""
    messages = []
    for block in chunk.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line[0] != ":")
        messages.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return messages


async def receive_until(
    subscription: Subscription, *last: str
) -> list[tuple[str, str, dict[str, object]]]:
    """The messages up to the first one with one of the names, without heartbeats."""
    received: list[tuple[str, str, dict[str, object]]] = []

    def done() -> bool:
        received.extend(read(subscription.drain()))
        return any(name in last for _, name, _ in received)

    await until(done)
    return [message for message in received if message[1] != "beat" or "beat" in last]


def statuses(messages: list[tuple[str, str, dict[str, object]]]) -> list[object]:
    return [data.get("status", name) for _, name, data in messages]

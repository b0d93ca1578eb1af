"""A listener's mailbox, and the Server-Sent Events it is filled with."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from interviews.events import (
    BatchChanged,
    ChallengeChanged,
    InterviewChanged,
    LogAdded,
    OperationChanged,
    WebhookChanged,
    WorkspacesChanged,
)

Cursor: TypeAlias = tuple[int, int]

CANDIDATE_EVENTS = frozenset({InterviewChanged.name, OperationChanged.name})
STAFF_EVENTS = CANDIDATE_EVENTS | {
    LogAdded.name,
    ChallengeChanged.name,
    BatchChanged.name,
    WebhookChanged.name,
    WorkspacesChanged.name,
}
MAX_WAITING_FRAMES = 256


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the stream, with the bytes that every listener is sent."""

    cursor: Cursor
    name: str
    interview_id: str
    frame: bytes


def parse_cursor(text: str) -> Cursor | None:
    """The stream id in the text, or None where it is none."""
    match = re.fullmatch(r"([0-9]{1,20})-([0-9]{1,20})", text)
    return (int(match[1]), int(match[2])) if match else None


def format_frame(name: str, data: dict[str, Any], cursor: Cursor | None = None) -> bytes:
    """One SSE message. JSON has no line break, which would end the message."""
    line = f"id: {cursor[0]}-{cursor[1]}\n" if cursor else ""
    return f"{line}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def read_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Event:
    """Raises ValueError or KeyError for an entry that publish() did not write."""
    cursor = parse_cursor(entry_id.decode())
    name = fields[b"name"].decode()
    if cursor is None or name not in STAFF_EVENTS:
        raise ValueError(name)
    data = json.loads(fields[b"data"])
    return Event(cursor, name, fields[b"interviewId"].decode(), format_frame(name, data, cursor))


class Subscription:
    """What one listener has still to be sent. Bounded: when overfull, one `sync` replaces it all.

    A listener with interview_id None is staff and hears everything. `after` is where it left off,
    until the hub has told it what it missed; `position` is how far the hub has read.
    """

    def __init__(
        self, position: Callable[[], Cursor], interview_id: str | None, after: Cursor | None
    ) -> None:
        self.interview_id = interview_id
        self.after = after
        self._position = position
        self._frames: list[bytes] = []
        self._filled = asyncio.Event()

    def hears(self, event: Event) -> bool:
        if self.interview_id is None:
            return True
        return event.interview_id == self.interview_id and event.name in CANDIDATE_EVENTS

    def put(self, message: bytes) -> None:
        if len(self._frames) >= MAX_WAITING_FRAMES:
            self.sync()
        self._frames.append(message)
        self._filled.set()

    def sync(self, spread_ms: int = 0) -> None:
        """Replace what is waiting by a `sync`, which makes the page re-fetch within spread_ms."""
        self._frames = [format_frame("sync", {"spreadMs": spread_ms}, self._position())]
        self._filled.set()

    async def wait(self, seconds: float) -> None:
        """Return when there is something to send, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._filled.wait()

    def drain(self) -> bytes:
        """Everything that waits, in order."""
        chunk = b"".join(self._frames)
        self._frames.clear()
        self._filled.clear()
        return chunk

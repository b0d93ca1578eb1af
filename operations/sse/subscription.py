"""A browser's subscription, and the Server-Sent Events that it receives."""

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
    ChecksChanged,
    InterviewChanged,
    LogAdded,
    OperationChanged,
    ReviewsChanged,
    SubmissionFailed,
    WebhookChanged,
    WorkspacesChanged,
)

Cursor: TypeAlias = tuple[int, int]

CANDIDATE_EVENTS = frozenset({InterviewChanged.name, OperationChanged.name})
STAFF_EVENTS = CANDIDATE_EVENTS | {
    LogAdded.name,
    ReviewsChanged.name,
    SubmissionFailed.name,
    ChecksChanged.name,
    ChallengeChanged.name,
    BatchChanged.name,
    WebhookChanged.name,
    WorkspacesChanged.name,
}
MAX_WAITING_FRAMES = 256


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the stream, with the bytes that every subscription receives."""

    cursor: Cursor
    name: str
    interview_id: str
    frame: bytes


def parse_cursor(text: str) -> Cursor | None:
    """The stream id in the text, or None if the text is no stream id."""
    match = re.fullmatch(r"([0-9]{1,20})-([0-9]{1,20})", text)
    return (int(match[1]), int(match[2])) if match else None


def format_frame(name: str, data: dict[str, Any], cursor: Cursor | None = None) -> bytes:
    """One SSE message. The JSON contains no line break, which would end the message."""
    line = f"id: {cursor[0]}-{cursor[1]}\n" if cursor else ""
    return f"{line}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def read_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Event:
    """The event of an entry.

    Raises:
        ValueError: if publish() did not write the entry.
        KeyError: if publish() did not write the entry.
    """
    cursor = parse_cursor(entry_id.decode())
    name = fields[b"name"].decode()
    if cursor is None or name not in STAFF_EVENTS:
        raise ValueError(name)
    data = json.loads(fields[b"data"])
    return Event(cursor, name, fields[b"interviewId"].decode(), format_frame(name, data, cursor))


class Subscription:
    """The frames that wait for one browser. If there are too many, one `sync` replaces them all.

    A subscription without an `interview_id` belongs to staff and receives every event. `after` is
    its cursor until the hub has replayed the missed events; `position` returns the hub's position.
    """

    def __init__(
        self, position: Callable[[], Cursor], interview_id: str | None, after: Cursor | None
    ) -> None:
        self.interview_id = interview_id
        self.after = after
        self._position = position
        self._frames: list[bytes] = []
        self._has_frames = asyncio.Event()

    def receives(self, event: Event) -> bool:
        if self.interview_id is None:
            return True
        return event.interview_id == self.interview_id and event.name in CANDIDATE_EVENTS

    def put(self, message: bytes) -> None:
        if len(self._frames) >= MAX_WAITING_FRAMES:
            self.sync()
        self._frames.append(message)
        self._has_frames.set()

    def sync(self, spread_ms: int = 0) -> None:
        """Replace the waiting frames by a `sync`: the page re-fetches within `spread_ms`."""
        self._frames = [format_frame("sync", {"spreadMs": spread_ms}, self._position())]
        self._has_frames.set()

    async def wait(self, seconds: float) -> None:
        """Return once there is a frame to send, or after the timeout."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._has_frames.wait()

    def drain(self) -> bytes:
        """Remove and return the waiting frames, in order."""
        chunk = b"".join(self._frames)
        self._frames.clear()
        self._has_frames.clear()
        return chunk

"""EventStream: the one consumer behind /api/events, Server-Sent Events for both audiences."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import structlog
from channels.auth import get_user
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import DatabaseError

from operations.sse.hub import Hub, process_hub

log = structlog.get_logger(__name__)

Scope: TypeAlias = dict[str, Any]

HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 600.0
# Daphne buffers without a bound for a client that has stopped reading, and does not tell us. So a
# connection ends after so many bytes, and whoever does read comes back and misses nothing.
MAX_BYTES = 256 * 1024

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    # nginx would hold events back; gzip would freeze Chromium after the first one.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True)
class Audience:
    """Whom a connection may hear: one interview, or everything where interview_id is None."""

    interview_id: str | None


class StreamDenied(Exception):
    """This connection may not hear anything; retry_after is in seconds."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


# Says who listens, from the identity in the scope; raises Refused. The rule belongs to the faces.
Resolver: TypeAlias = Callable[[Scope], Awaitable[Audience]]


async def _with_fresh_session(scope: Scope) -> Scope:
    """The same connection with session and user read again: a scope keeps those of its start."""
    if "session" not in scope:
        return scope
    store = import_module(settings.SESSION_ENGINE).SessionStore
    now = {**scope, "session": store(scope["session"].session_key)}
    return {**now, "user": await get_user(now)}


def _last_event_id(scope: Scope) -> str:
    """Where the browser left off. The header is the newer one when there are both."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if b"last-event-id" in headers:
        return headers[b"last-event-id"].decode("latin-1")
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get("after", [""])[-1]


class EventStream(AsyncConsumer):
    """Mount with EventStream.as_asgi(audience=...), inside Channels' AuthMiddlewareStack.

    The stream has a task of its own, so that a disconnect is seen while it waits for an event.
    """

    def __init__(
        self,
        audience: Resolver,
        hub: Callable[[], Hub] = process_hub,
        heartbeat: float = HEARTBEAT_SECONDS,
        lifetime: float = LIFETIME_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.audience = audience
        self.hub = hub
        self.heartbeat = heartbeat
        self.lifetime = lifetime
        self.max_bytes = max_bytes
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait([self._task])

    async def http_request(self, message: dict[str, Any]) -> None:
        if self._task is None:  # a request with a body comes in several messages
            self._task = asyncio.create_task(self._answer(), name="event-stream")

    async def http_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def _answer(self) -> None:
        try:
            if self.scope["method"] != "GET":
                raise StreamDenied(405, "method_not_allowed", "The event stream can only be read.")
            audience = await self.audience(self.scope)
        except StreamDenied as refused:
            await self._refuse(refused)
            return
        except Exception:
            log.exception("stream_audience_failed")
            await self._refuse(
                StreamDenied(500, "server_error", "The event stream failed to start.")
            )
            return
        await self.send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        try:
            await self._stream(audience)
        except Exception:
            # Nobody awaits this task: without an end the page would wait for ever.
            log.exception("stream_failed")
        await self.send({"type": "http.response.body"})

    async def _stream(self, audience: Audience) -> None:
        hub = self.hub()
        clock = asyncio.get_running_loop().time
        # Jitter: connections that began together after a restart do not end together.
        end = clock() + self.lifetime * random.uniform(0.8, 1.2)  # noqa: S311
        next_beat = clock() + self.heartbeat
        # What goes out at once tells proxies and the browser that the stream is open.
        sent = await self._write(b"retry: 2000\n: events\n\n")
        with hub.subscribe(audience.interview_id, _last_event_id(self.scope)) as mailbox:
            while sent < self.max_bytes and clock() < end:
                await mailbox.wait(min(next_beat, end) - clock())
                if clock() >= next_beat:
                    next_beat = clock() + self.heartbeat
                    if not await self._may_stay(audience):
                        # The page re-fetches, and is told what became of its session.
                        mailbox.sync()
                        end = clock()
                    else:
                        mailbox.put(hub.pulse())
                sent += await self._write(mailbox.drain())

    async def _may_stay(self, audience: Audience) -> bool:
        """Whether a staff session is still good. A candidate is asked again when it reconnects:
        one look per passcode and heartbeat would be most of the load on the table.
        """
        if audience.interview_id is not None:
            return True
        try:
            return await self.audience(await _with_fresh_session(self.scope)) == audience
        except StreamDenied as refused:
            # Could not look is not "may not".
            return refused.status >= 500
        except DatabaseError as error:
            log.warning("stream_recheck_failed", reason=type(error).__name__)
            return True

    async def _write(self, body: bytes) -> int:
        if body:
            await self.send({"type": "http.response.body", "body": body, "more_body": True})
        return len(body)

    async def _refuse(self, refused: StreamDenied) -> None:
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if refused.retry_after is not None:
            headers.append((b"retry-after", str(refused.retry_after).encode()))
        if refused.status == 405:
            headers.append((b"allow", b"GET"))
        error = {"error": {"code": refused.code, "message": refused.message}}
        await self.send(
            {"type": "http.response.start", "status": refused.status, "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": json.dumps(error).encode()})

"""The consumer behind /api/events: Server-Sent Events for staff and candidates."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
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

from operations.rate_limit import client_network
from operations.sse.hub import Hub, process_hub
from operations.sse.slots import StreamLimit, StreamSlots, TooManyStreamsError, process_slots

log = structlog.get_logger(__name__)

Scope: TypeAlias = dict[str, Any]

HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 600.0
# Daphne buffers without a limit for a client that stopped reading, and does not report that. So a
# connection ends after this many bytes. A client that does read reconnects and misses nothing.
MAX_BYTES = 256 * 1024
# The streams that may be open at once. A browser needs one for all its tabs, or without Web Locks
# one for each; a candidate may have several browsers and devices.
CANDIDATE_STREAMS = 10
STAFF_STREAMS = 20
# Seconds until a refused page should try again: the lease of a slot.
TRY_AGAIN_SECONDS = 60

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    # Without this header nginx buffers the events. They are not compressed, as Chromium would show
    # only the first one with gzip.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True)
class Audience:
    """The events that a connection may receive: those of one interview, or all if it is None.

    `username` is the member of staff who listens.
    """

    interview_id: str | None
    username: str = ""


class StreamDenied(Exception):
    """This connection may not receive events. `retry_after` is in seconds."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


# Returns the audience for the identity in the scope, or raises StreamDenied. The portals own the
# rules.
Resolver: TypeAlias = Callable[[Scope], Awaitable[Audience]]


async def _with_fresh_session(scope: Scope) -> Scope:
    """The scope with its session and user read again, as a scope keeps those of its start."""
    if "session" not in scope:
        return scope
    store = import_module(settings.SESSION_ENGINE).SessionStore
    fresh = {**scope, "session": store(scope["session"].session_key)}
    return {**fresh, "user": await get_user(fresh)}


def _last_event_id(scope: Scope) -> str:
    """The cursor of the last event that the browser received.

    The header wins over the query string: it is the newer one.
    """
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if b"last-event-id" in headers:
        return headers[b"last-event-id"].decode("latin-1")
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get("after", [""])[-1]


def _stream_limits(audience: Audience, scope: Scope) -> list[StreamLimit]:
    """The limits that this stream counts for: of its passcode or person, and of its address."""
    limits = []
    if audience.interview_id is not None:
        limits.append(StreamLimit(f"interview:{audience.interview_id}", CANDIDATE_STREAMS))
    elif audience.username:
        limits.append(StreamLimit(f"user:{audience.username}", STAFF_STREAMS))
    client = scope.get("client")
    if client and settings.STREAMS_PER_ADDRESS:
        address = client_network(str(client[0]))
        limits.append(StreamLimit(f"address:{address}", settings.STREAMS_PER_ADDRESS))
    return limits


class EventStream(AsyncConsumer):
    """Streams events to one browser.

    Mount it with EventStream.as_asgi(audience=...) inside Channels' AuthMiddlewareStack. The stream
    runs in its own task, so that a disconnect is noticed while it waits for an event.
    """

    def __init__(
        self,
        audience: Resolver,
        hub: Callable[[], Hub] = process_hub,
        slots: Callable[[], StreamSlots] = process_slots,
        heartbeat: float = HEARTBEAT_SECONDS,
        lifetime: float = LIFETIME_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.audience = audience
        self.hub = hub
        self.slots = slots
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
        if self._task is None:  # a request with a body arrives in several messages
            self._task = asyncio.create_task(self._respond(), name="event-stream")

    async def http_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def _respond(self) -> None:
        async with AsyncExitStack() as stack:
            try:
                audience = await self._admit(stack)
            except StreamDenied as error:
                await self._refuse(error)
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
                # Nothing awaits this task, so without an end of the response the page would hang.
                log.exception("stream_failed")
        await self.send({"type": "http.response.body"})

    async def _admit(self, stack: AsyncExitStack) -> Audience:
        """The audience, after taking one of its slots until the stack is closed.

        Raises:
            StreamDenied: if the connection may not listen, or has too many streams open.
        """
        if self.scope["method"] != "GET":
            raise StreamDenied(405, "method_not_allowed", "The event stream is read-only.")
        audience = await self.audience(self.scope)
        try:
            await stack.enter_async_context(self.slots().hold(_stream_limits(audience, self.scope)))
        except TooManyStreamsError:
            raise StreamDenied(
                429,
                "too_many_streams",
                "Too many open pages. Close some of them.",
                TRY_AGAIN_SECONDS,
            ) from None
        return audience

    async def _stream(self, audience: Audience) -> None:
        hub = self.hub()
        clock = asyncio.get_running_loop().time
        # Jitter, so that connections that began together after a restart do not end together.
        end = clock() + self.lifetime * random.uniform(0.8, 1.2)  # noqa: S311
        next_heartbeat = clock() + self.heartbeat
        # Send something at once, so that proxies and the browser see that the stream is open.
        sent = await self._write(b"retry: 2000\n: events\n\n")
        with hub.subscribe(audience.interview_id, _last_event_id(self.scope)) as subscription:
            while sent < self.max_bytes and clock() < end:
                await subscription.wait(min(next_heartbeat, end) - clock())
                if clock() >= next_heartbeat:
                    next_heartbeat = clock() + self.heartbeat
                    if not await self._is_still_authorized(audience):
                        # The page re-fetches, and the response tells it that its session ended.
                        subscription.sync()
                        end = clock()
                    else:
                        subscription.put(hub.heartbeat_frame())
                sent += await self._write(subscription.drain())

    async def _is_still_authorized(self, audience: Audience) -> bool:
        """Whether a staff session is still valid.

        Candidates are only checked when they reconnect: one read per passcode and heartbeat would
        be most of the load on the table.
        """
        if audience.interview_id is not None:
            return True
        try:
            return await self.audience(await _with_fresh_session(self.scope)) == audience
        except StreamDenied as error:
            # A failed check does not revoke the access.
            return error.status >= 500
        except DatabaseError as error:
            log.warning("stream_recheck_failed", reason=type(error).__name__)
            return True

    async def _write(self, body: bytes) -> int:
        if body:
            await self.send({"type": "http.response.body", "body": body, "more_body": True})
        return len(body)

    async def _refuse(self, error: StreamDenied) -> None:
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if error.retry_after is not None:
            headers.append((b"retry-after", str(error.retry_after).encode()))
        if error.status == 405:
            headers.append((b"allow", b"GET"))
        body = {"error": {"code": error.code, "message": error.message}}
        await self.send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": json.dumps(body).encode()})

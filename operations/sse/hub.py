"""The hub: one Redis reader per process, which delivers each event to the subscriptions.

Everything here runs on one event loop, and no other code runs between two awaits. So subscribing
is exact: a subscription is registered and receives the events it missed in one step.
"""

import asyncio
import contextvars
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Literal

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from interviews.events import STREAM_MAX_LENGTH, stream_key
from operations.monitoring import metrics
from operations.sse.subscription import (
    CANDIDATE_EVENTS,
    MAX_WAITING_FRAMES,
    Cursor,
    Event,
    Subscription,
    format_frame,
    parse_cursor,
    read_entry,
)
from operations.sse.table_watch import TableWatch

log = structlog.get_logger(__name__)

START: Cursor = (0, 0)
# How long one XREAD waits. An idle reader checks its position in the stream this often.
BLOCK_SECONDS = 5.0
LOAD_BATCH = 1000
LIVE_BATCH = 200


class Hub:
    """Reads the stream once for the whole process and keeps its tail in memory for replays.

    Thanks to the tail, 5,000 browsers that reconnect at once cost no Redis read.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        block: float = BLOCK_SECONDS,
        history: int = STREAM_MAX_LENGTH,
        tables: TableWatch | None = None,
    ) -> None:
        self.position = START
        self._url = url
        self._key = key
        self._block = block
        self._history: deque[Event] = deque(maxlen=history)
        self._status: Literal["starting", "live", "down"] = "starting"
        self._failures = 0
        self._reader: asyncio.Task[None] | None = None
        self._tables = tables
        self._table_watch: asyncio.Task[None] | None = None
        self._staff: set[Subscription] = set()
        self._candidates: dict[str, set[Subscription]] = {}

    def __len__(self) -> int:
        """The number of subscriptions."""
        return len(self._staff) + sum(map(len, self._candidates.values()))

    def listener_counts(self) -> dict[str, int]:
        """The number of subscriptions of staff and candidates. Safe to call from any thread."""
        candidates = sum(map(len, list(self._candidates.values())))
        return {"staff": len(self._staff), "candidate": candidates}

    @property
    def is_down(self) -> bool:
        """Whether reading the stream failed. A hub without subscriptions does not read."""
        return self._status == "down"

    @contextmanager
    def subscribe(self, interview_id: str | None, after: str = "") -> Iterator[Subscription]:
        """A subscription that receives the events after the cursor `after`. Starts the reader.

        It begins with a `sync` instead if the hub does not remember the cursor.
        """
        self._start_reader()
        subscription = Subscription(lambda: self.position, interview_id, parse_cursor(after))
        listeners = (
            self._staff
            if interview_id is None
            else self._candidates.setdefault(interview_id, set())
        )
        listeners.add(subscription)
        if self._status == "live":
            self._catch_up(subscription)
        elif self._status == "down":
            subscription.after = None
            subscription.put(self.heartbeat_frame())
        try:
            yield subscription
        finally:
            listeners.discard(subscription)
            if interview_id is not None and not listeners:
                self._candidates.pop(interview_id, None)

    def heartbeat_frame(self) -> bytes:
        """The heartbeat: `beat` while the stream and the tables can be read, and `down` otherwise.

        It carries the server's time in epoch milliseconds. The id of a `beat` is the hub's
        position, so that a page that receives few events reconnects with a cursor that the hub
        remembers.
        """
        if self._status == "starting":
            return b": heartbeat\n\n"
        data = {"now": time.time_ns() // 1_000_000}
        if self._status == "down" or (self._tables is not None and self._tables.is_down):
            return b": heartbeat\n" + format_frame("down", data)
        return b": heartbeat\n" + format_frame("beat", data, self.position)

    async def close(self) -> None:
        """Stop reading; the next subscription starts it again."""
        tasks, self._reader, self._table_watch = (self._reader, self._table_watch), None, None
        for task in filter(None, tasks):
            while not task.done():
                # asyncio.wait_for, used by the Redis client, may lose a cancellation: cancel again.
                task.cancel()
                await asyncio.wait([task], timeout=0.1)

    def _start_reader(self) -> None:
        loop = asyncio.get_running_loop()
        reader = self._reader
        if reader is None or reader.done() or reader.get_loop() is not loop:
            self._status = "starting"
            # An empty context, and not that of the request that happens to be the first.
            context = contextvars.Context()
            self._reader = loop.create_task(
                self._read_forever(), name="event-stream-reader", context=context
            )
            if self._tables is not None and self._table_watch is None:
                watch = self._tables.run(self._report_tables)
                self._table_watch = loop.create_task(watch, name="table-watch", context=context)

    def _report_tables(self) -> None:
        """Tell every page that the tables do not answer, or to fetch again as they do."""
        if self._status == "starting":
            return  # pages hear of it when the hub goes live
        if self._tables is not None and self._tables.is_down:
            for subscription in self._subscriptions():
                subscription.put(self.heartbeat_frame())
        elif self._status == "live":
            spread_ms = self._spread_ms()
            for subscription in self._subscriptions():
                subscription.sync(spread_ms)
                subscription.put(self.heartbeat_frame())

    def _spread_ms(self) -> int:
        """Spread the re-fetches of all pages: one process can serve one every 2 ms."""
        return min(10_000, 2 * len(self))

    async def _read_forever(self) -> None:
        while True:
            client = Redis.from_url(
                self._url,
                protocol=2,
                socket_connect_timeout=2,
                # Notice a Redis that stopped answering without closing the connection.
                socket_timeout=self._block + 3,
                retry=Retry(NoBackoff(), 0),
            )
            try:
                await self._follow_stream(client)
            except (RedisError, OSError) as error:
                if self._status != "down":
                    log.warning("stream_down", reason=type(error).__name__)
                await self._back_off()
            except Exception:
                # Without its reader no page would receive events, so keep reading after any error.
                log.exception("stream_reader_failed")
                await self._back_off()
            finally:
                with suppress(RedisError, OSError):
                    await client.aclose()

    async def _back_off(self) -> None:
        self._status = "down"
        self._failures += 1
        for subscription in self._subscriptions():
            subscription.after = None
            subscription.put(self.heartbeat_frame())
        seconds = min(5.0, 0.1 * 2 ** min(self._failures, 10))
        await asyncio.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311 - spreads processes

    async def _follow_stream(self, client: "Redis") -> None:
        """Load the tail, then deliver new events. Returns when the position is no longer valid."""
        if self._status == "live":
            self._status = "starting"
        self.position = START
        self._history.clear()
        while entries := await self._read(client, LOAD_BATCH):
            for entry in entries:
                self._remember(*entry)
        self._go_live()
        while True:
            entries = await self._read(client, LIVE_BATCH, block=int(self._block * 1000))
            # If the last entry read is gone, the stream was flushed or trimmed past the hub. That
            # is possible only if it is idle or a batch is full, so a busy hub skips the check.
            if len(entries) in (0, LIVE_BATCH) and not await self._is_position_valid(client):
                log.warning("stream_lost_place")
                return
            for entry in entries:
                if event := self._remember(*entry):
                    self._deliver(event)
                    metrics.observe_event_delay(event.cursor[0])

    async def _read(
        self, client: "Redis", count: int, block: int | None = None
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        entry_id = f"{self.position[0]}-{self.position[1]}"
        reply: Any = await client.xread({self._key: entry_id}, count=count, block=block)
        return reply[0][1] if reply else []

    async def _is_position_valid(self, client: "Redis") -> bool:
        if self.position == START:
            return True
        entry_id = f"{self.position[0]}-{self.position[1]}"
        return bool(await client.xrange(self._key, entry_id, entry_id))

    def _remember(self, entry_id: bytes, fields: dict[bytes, bytes]) -> Event | None:
        try:
            event = read_entry(entry_id, fields)
        except (ValueError, KeyError):
            # A malformed entry must not block those after it.
            log.warning("stream_entry_skipped", entry=entry_id.decode())
            self.position = parse_cursor(entry_id.decode()) or self.position
            return None
        self.position = event.cursor
        self._history.append(event)
        return event

    def _go_live(self) -> None:
        if self._status == "down":
            log.warning("stream_healed", listeners=len(self))
        self._status = "live"
        self._failures = 0
        spread_ms = self._spread_ms()
        for subscription in self._subscriptions():
            self._catch_up(subscription, spread_ms)

    def _catch_up(self, subscription: Subscription, spread_ms: int = 0) -> None:
        missed = self._events_after(subscription.after)
        subscription.after = None
        frames = None if missed is None else [e.frame for e in missed if subscription.receives(e)]
        if frames is None or len(frames) >= MAX_WAITING_FRAMES:
            subscription.sync(spread_ms)
        else:
            for missed_frame in frames:
                subscription.put(missed_frame)
        subscription.put(self.heartbeat_frame())

    def _events_after(self, cursor: Cursor | None) -> list[Event] | None:
        """The events after the cursor, or None unless the hub remembers the cursor's own entry.

        This rule covers ids that were trimmed, are malformed or in the future, or belong to a
        stream that Redis lost in a restart.
        """
        if cursor is None or not self._history or cursor < self._history[0].cursor:
            return None
        missed: list[Event] = []
        for event in reversed(self._history):
            if event.cursor == cursor:
                return missed[::-1]
            if event.cursor < cursor:
                return None
            missed.append(event)
        return None

    def _deliver(self, event: Event) -> None:
        for subscription in self._staff:
            subscription.put(event.frame)
        if event.name in CANDIDATE_EVENTS:
            for subscription in self._candidates.get(event.interview_id, ()):
                subscription.put(event.frame)

    def _subscriptions(self) -> list[Subscription]:
        return [*self._staff, *(m for each in self._candidates.values() for m in each)]


@cache
def process_hub() -> Hub:
    """The hub of this process, on the deployment's Redis."""
    return Hub(settings.REDIS_URL, stream_key(), tables=TableWatch())

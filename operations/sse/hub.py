"""The hub: one Redis reader per process, which hands each event to the listeners who may hear it.

Everything here runs on one event loop, and nothing between two awaits can be interrupted. That is
what makes subscribing exact: a listener is registered and given what it missed in one step.
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
from operations import metrics
from operations.sse.subscription import (
    CANDIDATES_HEAR,
    MAILBOX_LIMIT,
    Cursor,
    Event,
    Subscription,
    frame,
    parse_cursor,
    read_entry,
)

log = structlog.get_logger(__name__)

START: Cursor = (0, 0)
# Seconds that one XREAD waits: an idle reader looks this often whether it is still on the stream.
BLOCK = 5.0
LOAD_BATCH = 1000
LIVE_BATCH = 200


class Hub:
    """Reads the stream once for the whole process and remembers its tail for replays.

    The tail is kept in memory so that 5,000 browsers that come back at once cost no Redis read.
    """

    def __init__(
        self, url: str, key: str, *, block: float = BLOCK, history: int = STREAM_MAX_LENGTH
    ) -> None:
        self.position = START
        self._url = url
        self._key = key
        self._block = block
        self._history: deque[Event] = deque(maxlen=history)
        self._state: Literal["starting", "live", "down"] = "starting"
        self._failures = 0
        self._reader: asyncio.Task[None] | None = None
        self._staff: set[Subscription] = set()
        self._candidates: dict[str, set[Subscription]] = {}

    def __len__(self) -> int:
        """How many listeners there are."""
        return len(self._staff) + sum(map(len, self._candidates.values()))

    def audiences(self) -> dict[str, int]:
        """How many listeners there are of each kind; may be asked by any thread."""
        candidates = sum(map(len, list(self._candidates.values())))
        return {"staff": len(self._staff), "candidate": candidates}

    @property
    def is_down(self) -> bool:
        """Whether it was tried to read and could not be; a hub that nobody listens to is not."""
        return self._state == "down"

    @contextmanager
    def subscribe(self, interview_id: str | None, after: str = "") -> Iterator[Subscription]:
        """A mailbox that is filled from now on, beginning with what was missed since `after`.

        Where that is not known, the mailbox begins with a `sync` instead. Starts the reader.
        """
        self._start_reader()
        mailbox = Subscription(lambda: self.position, interview_id, parse_cursor(after))
        listeners = (
            self._staff
            if interview_id is None
            else self._candidates.setdefault(interview_id, set())
        )
        listeners.add(mailbox)
        if self._state == "live":
            self._welcome(mailbox)
        elif self._state == "down":
            mailbox.after = None
            mailbox.put(self.pulse())
        try:
            yield mailbox
        finally:
            listeners.discard(mailbox)
            if interview_id is not None and not listeners:
                self._candidates.pop(interview_id, None)

    def pulse(self) -> bytes:
        """The heartbeat: `beat` while events flow, `down` while they do not.

        It carries the server's time in epoch milliseconds. A beat's id is the hub's position, so
        that a page which hears few events still comes back with a cursor that is known here.
        """
        if self._state == "starting":
            return b": heartbeat\n\n"
        data = {"now": time.time_ns() // 1_000_000}
        if self._state == "down":
            return b": heartbeat\n" + frame("down", data)
        return b": heartbeat\n" + frame("beat", data, self.position)

    async def close(self) -> None:
        """Stop the reader; the next subscription starts it again."""
        reader, self._reader = self._reader, None
        while reader is not None and not reader.done():
            # asyncio.wait_for, which the Redis client uses, may lose a cancellation: say it again.
            reader.cancel()
            await asyncio.wait([reader], timeout=0.1)

    def _start_reader(self) -> None:
        loop = asyncio.get_running_loop()
        reader = self._reader
        if reader is None or reader.done() or reader.get_loop() is not loop:
            self._state = "starting"
            # Not in the context of the request that happens to be the first.
            self._reader = loop.create_task(
                self._read_for_ever(), name="event-stream-reader", context=contextvars.Context()
            )

    async def _read_for_ever(self) -> None:
        while True:
            client = Redis.from_url(
                self._url,
                protocol=2,
                socket_connect_timeout=2,
                # A Redis that went silent without closing the connection is noticed, too.
                socket_timeout=self._block + 3,
                retry=Retry(NoBackoff(), 0),
            )
            try:
                await self._follow(client)
            except (RedisError, OSError) as error:
                if self._state != "down":
                    log.warning("stream_down", reason=type(error).__name__)
                await self._pause()
            except Exception:
                # A reader that died would leave every page deaf, whatever it died of.
                log.exception("stream_reader_failed")
                await self._pause()
            finally:
                with suppress(RedisError, OSError):
                    await client.aclose()

    async def _pause(self) -> None:
        self._state = "down"
        self._failures += 1
        for mailbox in self._everybody():
            mailbox.after = None
            mailbox.put(self.pulse())
        seconds = min(5.0, 0.1 * 2 ** min(self._failures, 10))
        await asyncio.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311 - spreads processes

    async def _follow(self, client: "Redis") -> None:
        """Load the tail, then hand on what is new; return when the place in the stream was lost."""
        if self._state == "live":
            self._state = "starting"
        self.position = START
        self._history.clear()
        while entries := await self._read(client, LOAD_BATCH):
            for entry in entries:
                self._remember(*entry)
        self._go_live()
        while True:
            entries = await self._read(client, LIVE_BATCH, block=int(self._block * 1000))
            # Where the last entry that we saw is gone, the stream was flushed or trimmed past us.
            # An idle stream and a full batch are when that can be: it costs a busy hub nothing.
            if len(entries) in (0, LIVE_BATCH) and not await self._in_place(client):
                log.warning("stream_lost_place")
                return
            for entry in entries:
                if event := self._remember(*entry):
                    self._deliver(event)
                    metrics.handed_over(event.cursor[0])

    async def _read(
        self, client: "Redis", count: int, block: int | None = None
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        place = f"{self.position[0]}-{self.position[1]}"
        reply: Any = await client.xread({self._key: place}, count=count, block=block)
        return reply[0][1] if reply else []

    async def _in_place(self, client: "Redis") -> bool:
        if self.position == START:
            return True
        place = f"{self.position[0]}-{self.position[1]}"
        return bool(await client.xrange(self._key, place, place))

    def _remember(self, entry_id: bytes, fields: dict[bytes, bytes]) -> Event | None:
        try:
            event = read_entry(entry_id, fields)
        except (ValueError, KeyError):
            # One bad entry must not stop the good ones behind it.
            log.warning("stream_entry_skipped", entry=entry_id.decode())
            self.position = parse_cursor(entry_id.decode()) or self.position
            return None
        self.position = event.cursor
        self._history.append(event)
        return event

    def _go_live(self) -> None:
        if self._state == "down":
            log.warning("stream_healed", listeners=len(self))
        self._state = "live"
        self._failures = 0
        # All pages would re-fetch in the same instant: 2 ms apart is what one process can serve.
        spread_ms = min(10_000, 2 * len(self))
        for mailbox in self._everybody():
            self._welcome(mailbox, spread_ms)

    def _welcome(self, mailbox: Subscription, spread_ms: int = 0) -> None:
        missed = self._since(mailbox.after)
        mailbox.after = None
        frames = None if missed is None else [e.frame for e in missed if mailbox.hears(e)]
        if frames is None or len(frames) >= MAILBOX_LIMIT:
            mailbox.sync(spread_ms)
        else:
            for missed_frame in frames:
                mailbox.put(missed_frame)
        mailbox.put(self.pulse())

    def _since(self, cursor: Cursor | None) -> list[Event] | None:
        """The events after the cursor; None unless the cursor's own entry is remembered.

        That one rule covers ids that were trimmed, are malformed or in the future, or belong to a
        stream that a restarted Redis no longer has.
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
        for mailbox in self._staff:
            mailbox.put(event.frame)
        if event.name in CANDIDATES_HEAR:
            for mailbox in self._candidates.get(event.interview_id, ()):
                mailbox.put(event.frame)

    def _everybody(self) -> list[Subscription]:
        return [*self._staff, *(m for each in self._candidates.values() for m in each)]


@cache
def process_hub() -> Hub:
    """The one hub of this process, on the deployment's Redis."""
    return Hub(settings.REDIS_URL, stream_key())

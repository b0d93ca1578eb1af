"""How many event streams a listener may have open, counted for all web processes in Redis.

A slot is a lease, which the stream's process renews: those of a killed process run out by
themselves. While Redis is unavailable each process counts its own streams, so that a failure
neither locks people out nor lifts the limits.
"""

import asyncio
import contextvars
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

T = TypeVar("T")

LEASE_SECONDS = 60
# Seconds before Redis is tried again after a failure: a stream must not wait for it each time.
REDIS_RETRY_AFTER = 5.0
BATCH = 200

# Takes one slot of every key, or none: KEYS are sorted sets of slots by the end of their lease, in
# seconds of Redis's clock. ARGV: the slot, the lease, and a limit for each key; 0 renews. Returns
# the number of the key that is full, or 0.
TAKE = """
local now = tonumber(redis.call('TIME')[1])
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  local limit = tonumber(ARGV[2 + i])
  if limit > 0 and redis.call('ZCARD', key) >= limit then return i end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('EXPIRE', key, ARGV[2])
end
return 0
"""


@dataclass(frozen=True)
class StreamLimit:
    """At most `most` streams at once for one key: a passcode, a person or an address."""

    key: str
    most: int


class TooManyStreamsError(Exception):
    """This listener has as many streams open as it may have."""


class StreamSlots:
    """The slots of this process. One task talks to Redis for all of them, in batches."""

    def __init__(self, url: str, prefix: str, *, lease: int = LEASE_SECONDS) -> None:
        self._url = url
        self._prefix = f"{prefix}streams:"
        self._lease = lease
        self._held: dict[str, Sequence[StreamLimit]] = {}
        self._counts: Counter[str] = Counter()
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._released: dict[str, Sequence[StreamLimit]] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._redis_retry_at = 0.0

    @asynccontextmanager
    async def hold(self, limits: Sequence[StreamLimit]) -> AsyncIterator[None]:
        """Hold a slot of every limit.

        Raises:
            TooManyStreamsError: if one of them is used up.
        """
        self._start()
        if any(self._counts[limit.key] >= limit.most for limit in limits):
            raise TooManyStreamsError
        slot = secrets.token_hex(8)
        self._held[slot] = limits
        self._counts.update(limit.key for limit in limits)
        try:
            if not await self._take(slot):
                raise TooManyStreamsError
            yield
        finally:
            del self._held[slot]
            self._counts.subtract(limit.key for limit in limits)
            self._counts += Counter()  # without the zeros
            self._released[slot] = limits
            self._wake.set()

    async def close(self) -> None:
        """Stop the task; the next stream starts it again."""
        task, self._task = self._task, None
        while task is not None and not task.done():
            # A cancellation may get lost in the Redis client: cancel again.
            task.cancel()
            await asyncio.wait([task], timeout=0.1)

    async def _take(self, slot: str) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[slot] = answer
        self._wake.set()
        return await answer

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        task = self._task
        if task is None or task.done() or task.get_loop() is not loop:
            self._wake = asyncio.Event()
            # An empty context, and not that of the request that happens to be the first.
            self._task = loop.create_task(
                self._run(), name="stream-slots", context=contextvars.Context()
            )

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        client = Redis.from_url(
            self._url,
            protocol=2,
            socket_connect_timeout=1,
            socket_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )
        renew_at = clock() + self._lease / 3
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(renew_at - clock()):
                        await self._wake.wait()
                self._wake.clear()
                await self._exchange(client)
                if clock() >= renew_at:
                    renew_at = clock() + self._lease / 3
                    await self._renew(client)
        finally:
            with suppress(RedisError, OSError):
                await client.aclose()

    async def _exchange(self, client: "Redis") -> None:
        """Take and release what was asked for since the last time, in this order."""
        asked, self._asked = self._asked, {}
        released, self._released = self._released, {}
        takes = [
            (slot, self._held.get(slot) or released.get(slot, ()), answer)
            for slot, answer in asked.items()
        ]
        try:
            for some in _batches(takes):
                replies = await self._send(
                    client, [self._take_command(slot, limits) for slot, limits, _ in some]
                )
                for (_, _, answer), reply in zip(some, replies or [0] * len(some), strict=True):
                    if not answer.done():
                        answer.set_result(reply == 0)
        finally:
            # A stream must not wait for ever for an answer that got lost.
            for answer in asked.values():
                if not answer.done():
                    answer.set_result(True)
        for gone in _batches(list(released.items())):
            await self._send(
                client,
                [("ZREM", self._key(limit), slot) for slot, limits in gone for limit in limits],
            )

    async def _renew(self, client: "Redis") -> None:
        """Renew every slot, and restore those that Redis lost in a restart."""
        for some in _batches(list(self._held.items())):
            await self._send(
                client,
                [
                    self._take_command(slot, limits, renew=True)
                    for slot, limits in some
                    if slot in self._held
                ],
            )

    async def _send(self, client: "Redis", commands: list[tuple[Any, ...]]) -> list[Any] | None:
        """The replies, or None while Redis is unavailable."""
        clock = asyncio.get_running_loop().time
        if not commands or clock() < self._redis_retry_at:
            return None
        try:
            async with client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await pipeline.execute())
        except (RedisError, OSError) as error:
            self._redis_retry_at = clock() + REDIS_RETRY_AFTER
            log.warning("stream_slots_alone", reason=type(error).__name__)
            return None

    def _take_command(
        self, slot: str, limits: Sequence[StreamLimit], *, renew: bool = False
    ) -> tuple[Any, ...]:
        keys = [self._key(limit) for limit in limits]
        most = [0 if renew else limit.most for limit in limits]
        return ("EVAL", TAKE, len(keys), *keys, slot, self._lease, *most)

    def _key(self, limit: StreamLimit) -> str:
        return self._prefix + limit.key


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


@cache
def process_slots() -> StreamSlots:
    """The slots of this process, in the deployment's Redis."""
    return StreamSlots(settings.REDIS_URL, settings.TABLE_PREFIX)

"""Two nodes of workers, each with a beat: they die, stop and stand still, and so do messages.

Tests begin, run, get more time, are kept and checked, and end meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psutil
import pytest
from redis import Redis

from operations.models import LEASE_DURATION
from operations.queue.routing import TaskQueue
from takehome_platform.local_stack.config import LOOPBACK
from tests.faults.kills.test_processes import pid_of, receiver_settings
from tests.faults.nodes.platform import Nodes, running_nodes
from tests.faults.outages import (
    EACH,
    OUTAGE,
    Staff,
    fail_and_recover,
    frozen_between_writes,
    staff_of,
)
from tests.services import wait_until

pytestmark = pytest.mark.faults

# How Celery's settings name its queues in Redis.
PREFIX = "celery:"
# What a message has that asks a worker to run an operation.
RUN = b'"task": "operations.run"'


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("platform")
    with receiver_settings(folder) as settings, running_nodes(folder, 2, **settings) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def staff(nodes: Nodes) -> Iterator[Staff]:
    with staff_of(nodes) as staff:
        yield staff


@contextmanager
def ended_in_turn(nodes: Nodes, end: Callable[[psutil.Process], None]) -> Iterator[None]:
    """One worker after the other ends, while the tests of the block begin and end."""
    for name in nodes.worker_names[:2]:
        end_and_start_again(nodes, name, end)
    yield
    for name in nodes.worker_names[2:]:
        end_and_start_again(nodes, name, end)


def end_and_start_again(nodes: Nodes, name: str, end: Callable[[psutil.Process], None]) -> None:
    process = nodes.process_of(name)
    end(process)
    wait_until(lambda: pid_of(nodes, name) != process.pid, f"{name} was not started again")


@contextmanager
def node_frozen(nodes: Nodes) -> Iterator[None]:
    """The second node stands still for longer than any lease, and goes on where it was."""
    with frozen_between_writes(nodes, *map(nodes.process_of, nodes.worker_names[2:])):
        yield


@contextmanager
def messages_changed(nodes: Nodes, change: Callable[[Redis], None]) -> Iterator[None]:
    """No worker takes a message in the block, and at its end this happens to all of them."""
    with (
        frozen_between_writes(nodes, *map(nodes.process_of, nodes.worker_names)),
        Redis(LOOPBACK, nodes.redis_port, socket_timeout=2) as redis,
    ):
        # A worker that waits for a message would be sent it, as far as Redis knows.
        for client in cast(Any, redis.client_list()):
            if client["cmd"] == "brpop":
                redis.client_kill_filter(_id=client["id"])
        yield
        starts = [each for each in messages(redis, TaskQueue.STARTS) if RUN in each]
        assert len(starts) == EACH
        change(redis)


def lose(redis: Redis) -> None:
    redis.flushall()


def double(redis: Redis) -> None:
    for queue in TaskQueue:
        for message in messages(redis, queue):
            redis.rpush(f"{PREFIX}{queue.value}", message)


def messages(redis: Redis, queue: TaskQueue) -> list[bytes]:
    """Those that wait."""
    return list(cast(Any, redis.lrange(f"{PREFIX}{queue.value}", 0, -1)))


FAULTS: dict[str, Callable[[Nodes], Any]] = {
    "nodes killed in turn": lambda nodes: ended_in_turn(nodes, psutil.Process.kill),
    "nodes stopped in turn": lambda nodes: ended_in_turn(nodes, psutil.Process.terminate),
    "node frozen": node_frozen,
    "messages lost": lambda nodes: messages_changed(nodes, lose),
    "messages doubled": lambda nodes: messages_changed(nodes, double),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.timeout(600)
def test_nodes_that_fail_lose_and_leak_nothing(name: str, nodes: Nodes, staff: Staff) -> None:
    longest = LEASE_DURATION.total_seconds() + 5 if name == "node frozen" else OUTAGE
    fail_and_recover(name, nodes, staff, FAULTS[name](nodes), lasting=longest, are_checked=True)

"""The hub's own metrics: subscriptions, availability and event delay."""

from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from interviews.events import InterviewChanged, publish
from operations.sse.hub import Hub
from tests.operations.sse.stream_services import RedisServer, until


@pytest.fixture
def server(mortal_redis: RedisServer) -> RedisServer:
    return mortal_redis


def delays() -> tuple[float, float]:
    """The number of delivered events, and the sum of their delays in seconds."""
    name = "takehome_event_delay_seconds"
    count, total = (REGISTRY.get_sample_value(f"{name}_{part}") for part in ("count", "sum"))
    assert count is not None
    assert total is not None
    return count, total


async def test_subscriptions_are_counted_by_audience(hub: Hub) -> None:
    assert hub.listener_counts() == {"staff": 0, "candidate": 0}
    with hub.subscribe(None), hub.subscribe("a"), hub.subscribe("a"), hub.subscribe("b"):
        assert hub.listener_counts() == {"staff": 1, "candidate": 3}
    assert hub.listener_counts() == {"staff": 0, "candidate": 0}


async def test_hub_without_subscriptions_is_not_down(hub: Hub) -> None:
    assert not hub.is_down


async def test_hub_is_down_while_it_cannot_read(hub: Hub, server: RedisServer) -> None:
    with hub.subscribe(None):
        await until(lambda: hub.heartbeat_frame().startswith(b": heartbeat\nid"))
        assert not hub.is_down
        server.kill()
        await until(lambda: hub.is_down)
        server.start()
        await until(lambda: not hub.is_down)


async def test_event_delay_is_observed_on_delivery(hub: Hub) -> None:
    publish(InterviewChanged("before", "take-home", "active"))
    count, total = delays()
    with hub.subscribe(None):
        await until(lambda: hub.heartbeat_frame().startswith(b": heartbeat\nid"))
        # Events that are read to fill the history are not timed.
        assert delays() == (count, total)
        publish(InterviewChanged("now", "take-home", "active"))
        await until(lambda: delays()[0] == count + 1)
    assert 0 <= delays()[1] - total < 5


async def test_log_lines_of_the_reader_have_no_request_id(hub: Hub, server: RedisServer) -> None:
    lines: list[Any]
    with (
        structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines,
        structlog.contextvars.bound_contextvars(request_id="of-the-first-listener"),
        hub.subscribe(None),
    ):
        server.kill()
        await until(lambda: hub.is_down)
    assert [line["event"] for line in lines] == ["stream_down"]
    assert "request_id" not in lines[0]

"""A migration consumes at most the given capacity per second."""

from typing import Any

import pytest

from interviews.legacy.capacity_limiter import READ, WRITE, CapacityLimiter
from interviews.models import Interview
from tests.interviews.legacy.migration.running import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_burst_of_one_second_is_free(clock: Clock) -> None:
    limiter = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    limiter.consume(WRITE, 10)
    limiter.wait()
    assert clock.slept == []
    limiter.consume(WRITE, 25)
    limiter.wait()
    assert clock.slept == [2.5]


def test_rate_holds_over_time(clock: Clock) -> None:
    limiter = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    for _ in range(1_000):
        limiter.wait()
        limiter.consume(WRITE, 3)
    assert limiter.used == {READ: 0, WRITE: 3_000}
    assert clock.at == pytest.approx(299, abs=1.5)


def test_reads_and_writes_are_limited_separately(clock: Clock) -> None:
    limiter = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    limiter.consume(READ, 10)
    limiter.consume(WRITE, 10)
    limiter.wait()
    assert clock.slept == []
    limiter.consume(READ, 5)
    limiter.wait()
    assert clock.slept == [0.5]


def test_unused_capacity_does_not_accumulate(clock: Clock) -> None:
    limiter = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    clock.at += 3_600
    limiter.wait()
    limiter.consume(WRITE, 20)
    limiter.wait()
    assert clock.slept == [1]


def test_without_a_rate_nothing_waits(clock: Clock) -> None:
    limiter = CapacityLimiter(0, clock=clock, sleep=clock.sleep)
    limiter.consume(WRITE, 1_000_000)
    limiter.wait()
    assert clock.slept == []
    assert limiter.used[WRITE] == 1_000_000


def test_requests_are_counted_only_inside_the_context(take_home: Any) -> None:
    limiter = CapacityLimiter(0)
    with limiter.measure([Interview]):
        Interview.get(take_home.id, consistent_read=True)
        list(Interview.list_key_index.query("take-home"))
    assert limiter.used[READ] > 0
    assert limiter.used[WRITE] == 0
    used = dict(limiter.used)
    with limiter.measure([Interview]):
        take_home.save()
    assert limiter.used[WRITE] > 0
    Interview.get(take_home.id)
    assert limiter.used[READ] == used[READ]


def test_real_server_reports_consumed_capacity(real_tables: None, challenge: Any) -> None:
    limiter = CapacityLimiter(0)
    with limiter.measure([Interview]):
        client = Interview._get_connection().connection.client
        client.put_item(TableName="interviews", Item={"id": {"S": "x"}, "text": {"S": "x" * 5_000}})
        client.get_item(TableName="interviews", Key={"id": {"S": "x"}}, ConsistentRead=True)
    assert limiter.used == {READ: 2, WRITE: 5}

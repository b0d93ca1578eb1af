"""A migration takes no more capacity a second than it was given."""

from typing import Any

import pytest

from interviews.legacy.capacity_limiter import READ, WRITE, CapacityLimiter
from interviews.models import Interview
from tests.interviews.legacy.test_migration import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_seconds_worth_is_free_and_the_rest_is_waited_for(clock: Clock) -> None:
    pace = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    pace.spend(WRITE, 10)
    pace.wait()
    assert clock.slept == []
    pace.spend(WRITE, 25)
    pace.wait()
    assert clock.slept == [2.5]


def test_over_time_the_rate_is_held(clock: Clock) -> None:
    pace = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    for _ in range(1_000):
        pace.wait()
        pace.spend(WRITE, 3)
    assert pace.used == {READ: 0, WRITE: 3_000}
    assert clock.at == pytest.approx(299, abs=1.5)


def test_reads_and_writes_are_paid_apart(clock: Clock) -> None:
    pace = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    pace.spend(READ, 10)
    pace.spend(WRITE, 10)
    pace.wait()
    assert clock.slept == []
    pace.spend(READ, 5)
    pace.wait()
    assert clock.slept == [0.5]


def test_what_was_not_used_is_not_saved_up(clock: Clock) -> None:
    pace = CapacityLimiter(10, clock=clock, sleep=clock.sleep)
    clock.at += 3_600
    pace.wait()
    pace.spend(WRITE, 20)
    pace.wait()
    assert clock.slept == [1]


def test_without_a_rate_nothing_is_waited_for(clock: Clock) -> None:
    pace = CapacityLimiter(0, clock=clock, sleep=clock.sleep)
    pace.spend(WRITE, 1_000_000)
    pace.wait()
    assert clock.slept == []
    assert pace.used[WRITE] == 1_000_000


def test_every_request_of_the_tables_counts_and_none_afterwards(take_home: Any) -> None:
    pace = CapacityLimiter(0)
    with pace.measured([Interview]):
        Interview.get(take_home.id, consistent_read=True)
        list(Interview.tab_index.query("take-home"))
    assert pace.used[READ] > 0
    assert pace.used[WRITE] == 0
    used = dict(pace.used)
    with pace.measured([Interview]):
        take_home.save()
    assert pace.used[WRITE] > 0
    Interview.get(take_home.id)
    assert pace.used[READ] == used[READ]


def test_a_real_server_says_what_it_took(real_tables: None, challenge: Any) -> None:
    pace = CapacityLimiter(0)
    with pace.measured([Interview]):
        client = Interview._get_connection().connection.client
        client.put_item(TableName="interviews", Item={"id": {"S": "x"}, "text": {"S": "x" * 5_000}})
        client.get_item(TableName="interviews", Key={"id": {"S": "x"}}, ConsistentRead=True)
    assert pace.used == {READ: 2, WRITE: 5}

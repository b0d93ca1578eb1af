"""Counts per minute, in a real Redis and without one."""

import threading
import time

import pytest
import time_machine

from operations import rate_limit

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["redis", "alone"])
def counter(request, monkeypatch):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else NOBODY
    made = rate_limit.AttemptCounter(url, f"{request.node.name}:")
    monkeypatch.setattr(rate_limit, "_counter", lambda: made)
    return made


def test_hit_lets_so_many_pass_and_tells_the_rest_how_long_to_wait(counter):
    waits = [rate_limit.record_attempt("sign-in", "a", 3) for _ in range(5)]
    assert waits[:3] == [None, None, None]
    assert all(wait is not None and 1 <= wait <= 60 for wait in waits[3:])


def test_blocked_counts_nothing(counter):
    assert [rate_limit.retry_after("sign-in", "a", 2) for _ in range(5)] == [None] * 5
    rate_limit.record_attempt("sign-in", "a", 2)
    rate_limit.record_attempt("sign-in", "a", 2)
    assert rate_limit.retry_after("sign-in", "a", 2) is not None


def test_names_and_keys_are_counted_apart(counter):
    assert rate_limit.record_attempt("sign-in", "a", 1) is None
    assert rate_limit.record_attempt("sign-in", "b", 1) is None
    assert rate_limit.record_attempt("passcode", "a", 1) is None
    assert rate_limit.record_attempt("sign-in", "a", 1) is not None


def test_after_the_minute_it_passes_again(monkeypatch):
    made = rate_limit.AttemptCounter(NOBODY, "")
    monkeypatch.setattr(rate_limit, "_counter", lambda: made)
    with time_machine.travel("2030-01-01 00:00:00Z", tick=False) as clock:
        rate_limit.record_attempt("sign-in", "a", 1)
        clock.shift(59)
        assert rate_limit.retry_after("sign-in", "a", 1) == 1
        clock.shift(2)
        assert rate_limit.retry_after("sign-in", "a", 1) is None


def test_two_processes_count_together(redis_url):
    one, two = (rate_limit.AttemptCounter(redis_url, "together:") for _ in range(2))
    limit = rate_limit.RateLimitItemPerMinute(1)
    assert one.ask(lambda limiter: limiter.hit(limit, "name", "key")) is True
    assert two.ask(lambda limiter: limiter.hit(limit, "name", "key")) is False


def test_of_many_at_once_no_more_than_allowed_pass(counter):
    passed = []
    threads = [
        threading.Thread(
            target=lambda: passed.append(rate_limit.record_attempt("sign-in", "a", 10))
        )
        for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(None) == 10


def test_a_missing_redis_costs_its_time_once(monkeypatch):
    made = rate_limit.AttemptCounter(NOBODY, "")
    tried = []

    def away(*question):
        tried.append(time.monotonic())
        raise rate_limit.RedisError

    monkeypatch.setattr(made._shared, "test", away)
    monkeypatch.setattr(rate_limit, "_counter", lambda: made)
    for _ in range(5):
        assert rate_limit.retry_after("sign-in", "a", 1) is None
    assert len(tried) == 1

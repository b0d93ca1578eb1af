"""Rate limits, in a real Redis and without one."""

import threading
import time

import pytest
import time_machine

from operations import rate_limit

UNAVAILABLE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["redis", "unavailable"])
def counter(request, monkeypatch):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else UNAVAILABLE
    attempt_counter = rate_limit.AttemptCounter(url, f"{request.node.name}:")
    monkeypatch.setattr(rate_limit, "_counter", lambda: attempt_counter)
    return attempt_counter


def test_record_attempt_returns_the_seconds_to_wait_above_the_limit(counter):
    waits = [rate_limit.record_attempt("sign-in", "a", 3) for _ in range(5)]
    assert waits[:3] == [None, None, None]
    assert all(wait is not None and 1 <= wait <= 60 for wait in waits[3:])


def test_retry_after_counts_nothing(counter):
    assert [rate_limit.retry_after("sign-in", "a", 2) for _ in range(5)] == [None] * 5
    rate_limit.record_attempt("sign-in", "a", 2)
    rate_limit.record_attempt("sign-in", "a", 2)
    assert rate_limit.retry_after("sign-in", "a", 2) is not None


def test_names_and_keys_are_counted_separately(counter):
    assert rate_limit.record_attempt("sign-in", "a", 1) is None
    assert rate_limit.record_attempt("sign-in", "b", 1) is None
    assert rate_limit.record_attempt("passcode", "a", 1) is None
    assert rate_limit.record_attempt("sign-in", "a", 1) is not None


def test_limit_is_lifted_after_a_minute(monkeypatch):
    attempt_counter = rate_limit.AttemptCounter(UNAVAILABLE, "")
    monkeypatch.setattr(rate_limit, "_counter", lambda: attempt_counter)
    with time_machine.travel("2030-01-01 00:00:00Z", tick=False) as clock:
        rate_limit.record_attempt("sign-in", "a", 1)
        clock.shift(59)
        assert rate_limit.retry_after("sign-in", "a", 1) == 1
        clock.shift(2)
        assert rate_limit.retry_after("sign-in", "a", 1) is None


def test_two_processes_share_the_count(redis_url):
    one, two = (rate_limit.AttemptCounter(redis_url, "together:") for _ in range(2))
    limit = rate_limit.RateLimitItemPerMinute(1)
    assert one.apply(lambda limiter: limiter.hit(limit, "name", "key")) is True
    assert two.apply(lambda limiter: limiter.hit(limit, "name", "key")) is False


def test_concurrent_attempts_do_not_exceed_the_limit(counter):
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


def test_unavailable_redis_is_not_tried_on_each_attempt(monkeypatch):
    attempt_counter = rate_limit.AttemptCounter(UNAVAILABLE, "")
    tried = []

    def unavailable(*operation):
        tried.append(time.monotonic())
        raise rate_limit.RedisError

    monkeypatch.setattr(attempt_counter._shared, "test", unavailable)
    monkeypatch.setattr(rate_limit, "_counter", lambda: attempt_counter)
    for _ in range(5):
        assert rate_limit.retry_after("sign-in", "a", 1) is None
    assert len(tried) == 1

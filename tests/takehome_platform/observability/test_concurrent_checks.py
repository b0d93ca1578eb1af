"""Checks run at the same time, and one that hangs does not delay the others."""

import threading
from collections.abc import Iterator

import pytest

from takehome_platform.observability.concurrent_checks import ConcurrentChecks


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Blocks a check until the end of the test at most."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_results_have_the_names_of_their_checks() -> None:
    results = ConcurrentChecks().run({"one": lambda: 1, "two": lambda: 2}, 10)
    assert {name: future and future.result() for name, future in results.items()} == {
        "one": 1,
        "two": 2,
    }


def test_checks_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)
    results = ConcurrentChecks().run({"one": both.wait, "two": both.wait}, 10)
    assert {future and future.exception() for future in results.values()} == {None}


def test_error_belongs_to_its_own_check() -> None:
    results = ConcurrentChecks().run({"bad": lambda: 1 / 0, "good": lambda: 1}, 10)
    assert results["bad"] is not None
    assert type(results["bad"].exception()) is ZeroDivisionError
    assert results["good"] is not None
    assert results["good"].result() == 1


def test_hanging_check_is_none_and_not_started_again(gate: threading.Event) -> None:
    calls: list[str] = []

    def hang() -> str:
        calls.append("hang")
        gate.wait(30)
        return "at last"

    checks = ConcurrentChecks()
    for _ in range(3):
        assert checks.run({"hangs": hang, "good": lambda: 1}, 0.05)["hangs"] is None
    assert calls == ["hang"]
    gate.set()
    result = checks.run({"hangs": hang}, 10)["hangs"]
    assert result is not None
    assert result.result() == "at last"

"""Parts are asked at the same time, and one that hangs holds up nobody."""

import threading
from collections.abc import Iterator

import pytest

from takehome_platform.observability.concurrent_checks import ConcurrentChecks


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hangs, hangs until the end of the test at most."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_each_answer_comes_under_its_name() -> None:
    answers = ConcurrentChecks().ask({"one": lambda: 1, "two": lambda: 2}, 10)
    assert {name: future and future.result() for name, future in answers.items()} == {
        "one": 1,
        "two": 2,
    }


def test_questions_are_asked_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=10)
    answers = ConcurrentChecks().ask({"one": both.wait, "two": both.wait}, 10)
    assert {future and future.exception() for future in answers.values()} == {None}


def test_an_error_is_the_answer_of_its_question_alone() -> None:
    answers = ConcurrentChecks().ask({"bad": lambda: 1 / 0, "good": lambda: 1}, 10)
    assert answers["bad"] is not None
    assert type(answers["bad"].exception()) is ZeroDivisionError
    assert answers["good"] is not None
    assert answers["good"].result() == 1


def test_what_hangs_is_none_and_is_not_asked_a_second_time(gate: threading.Event) -> None:
    asked: list[str] = []

    def hang() -> str:
        asked.append("hang")
        gate.wait(30)
        return "at last"

    side_by_side = ConcurrentChecks()
    for _ in range(3):
        assert side_by_side.ask({"hangs": hang, "good": lambda: 1}, 0.05)["hangs"] is None
    assert asked == ["hang"]
    gate.set()
    answer = side_by_side.ask({"hangs": hang}, 10)["hangs"]
    assert answer is not None
    assert answer.result() == "at last"

"""The operation log keeps every line in order and publishes events to staff."""

import pytest

from operations import operation_log
from operations.lifecycle import OperationType
from operations.models import Operation


@pytest.fixture
def operation(tables) -> Operation:
    return Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")


def test_log_keeps_lines_in_order_and_publishes_events(operation, stream):
    for number in range(5):
        operation_log.add_line(
            operation, f"line {number}", level="error" if number == 4 else "info"
        )
    lines = operation_log.read_lines(operation.id)
    assert [(line.message, line.level) for line in lines] == [
        *[(f"line {number}", "info") for number in range(4)],
        ("line 4", "error"),
    ]
    assert [
        line.message for line in operation_log.read_lines(operation.id, after=lines[2].seq)
    ] == [
        "line 3",
        "line 4",
    ]
    assert (
        stream.events_named("log")
        == [{"interviewId": "takehome-1", "operationId": operation.id}] * 5
    )


def test_two_lines_of_the_same_nanosecond_are_both_kept(operation, monkeypatch):
    monkeypatch.setattr(operation_log.time, "time_ns", lambda: 1_800_000_000_000_000_001)
    operation_log.add_line(operation, "first")
    operation_log.add_line(operation, "second")
    assert [line.message for line in operation_log.read_lines(operation.id)] == ["first", "second"]

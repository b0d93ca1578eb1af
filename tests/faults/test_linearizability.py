"""Concurrent actions on one interview do as if they came one after the other.

Four threads act on one row of a real DynamoDB-compatible server, each on what it has just read.
Some order of their calls must explain each result and the row in the end.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from interviews.lifecycle import FINAL, PROVISIONING, STARTED, EndReason, Status
from interviews.models import Interview
from operations import actions
from operations.exceptions import WrongStateError
from operations.worker import runner
from tests.conftest import fresh
from tests.fakes import FakeProvisioner
from tests.faults.linearizability import Call, Checker, History
from tests.faults.test_races import run_concurrently

THREADS, CALLS, ROUNDS = 4, 5, 6
MINUTES = 3


@dataclass(frozen=True)
class Row:
    """What the actions decide about."""

    status: Status
    operation_id: str | None
    extra_seconds: int = 0
    end_reason: str | None = None
    save_files: bool = True

    @classmethod
    def of(cls, interview: Interview) -> "Row":
        return cls(
            interview.state,
            interview.operation_id,
            int(interview.extra_seconds or 0),
            interview.end_reason,
            bool(interview.save_files),
        )


def _end(interview: Interview, *, save: bool = True) -> str:
    return actions.end(interview, by="staff", reason=EndReason.ENDED_BY_STAFF, save=save)


ACTIONS: dict[str, Callable[[Interview], Any]] = {
    "read": Row.of,
    "activate": lambda row: actions.activate(row, by="candidate"),
    "extend": lambda row: actions.extend(row, MINUTES, by="staff"),
    "submit": lambda row: actions.submit(row, by="candidate"),
    "end": _end,
    "end unsaved": lambda row: _end(row, save=False),
    "revoke": lambda row: actions.revoke(row, by="staff"),
}
REASONS = {
    "submit": EndReason.SUBMITTED,
    "end": EndReason.ENDED_BY_STAFF,
    "end unsaved": EndReason.ENDED_BY_STAFF,
    "revoke": EndReason.REVOKED,
}


def apply(row: Row, call: Call) -> Row | None:
    """The row after a call, or None if the call cannot have that result on this row."""
    after, result = _expected(row, call)
    return after if call.result == result else None


def _expected(row: Row, call: Call) -> tuple[Row, Any]:
    """The row after a call, and its result. The id of a new operation is that of the result."""
    refused = (row, WrongStateError)
    match call.name:
        case "read":
            return row, row
        case "extend":
            if row.status in FINAL | {Status.DESTROYING}:
                return refused
            return replace(row, extra_seconds=row.extra_seconds + 60 * MINUTES), None
        case "activate":
            if row.status in PROVISIONING:
                return row, row.operation_id
            if row.status is not Status.AVAILABLE:
                return refused
            return _with_operation(row, Status.ACTIVATED, call)
    if row.status is Status.AVAILABLE and call.name == "revoke":
        return replace(row, status=Status.REVOKED, end_reason=EndReason.REVOKED), None
    if row.status is Status.REVOKED and call.name == "revoke":
        return row, row.operation_id
    if row.status is Status.DESTROYING and call.name == "revoke":
        # An end for another reason keeps that reason.
        return (row, row.operation_id) if row.end_reason == EndReason.REVOKED else refused
    if row.status is Status.DESTROYING:
        saves = row.save_files and call.name != "end unsaved"
        return replace(row, save_files=saves), row.operation_id
    if row.status not in STARTED or (call.name == "submit" and row.status is not Status.ACTIVE):
        return refused
    after, result = _with_operation(row, Status.DESTROYING, call)
    saves = call.name != "end unsaved"
    return replace(after, end_reason=REASONS[call.name], save_files=saves), result


def _with_operation(row: Row, status: Status, call: Call) -> tuple[Row, Any]:
    is_id = isinstance(call.result, str) and call.result != row.operation_id
    result = call.result if is_id else "an id"
    return replace(row, status=status, operation_id=result), result


def run_threads(interview: Interview, weights: dict[str, int], seed: int) -> History:
    """Have each thread do its calls at once, in an order that follows from the seed."""
    chance, history = random.Random(seed), History()
    names = [chance.choices([*weights], [*weights.values()], k=CALLS) for _ in range(THREADS)]

    def act(name: str) -> Any:
        return ACTIONS[name](fresh(interview))

    def call_all(index: int) -> None:
        for name in names[index]:
            history.record(name, lambda name=name: act(name))  # type: ignore[misc]

    run_concurrently(THREADS, call_all)
    return history


BEFORE_THE_START = {"extend": 6, "activate": 2, "revoke": 1, "submit": 1, "read": 2}
WHILE_IT_RUNS = {"extend": 12, "submit": 1, "end": 1, "end unsaved": 1, "revoke": 1, "read": 4}


@pytest.mark.usefixtures("real_tables")
@pytest.mark.parametrize("is_running", [False, True])
def test_concurrent_actions_have_an_order_that_explains_them(
    invite: Callable[..., Interview], engine: FakeProvisioner, is_running: bool
) -> None:
    for seed in range(ROUNDS):
        interview = invite()
        if is_running:
            runner.run_operation(actions.activate(interview, by="candidate"))
        before = Row.of(fresh(interview))
        history = run_threads(interview, WHILE_IT_RUNS if is_running else BEFORE_THE_START, seed)
        assert len(history.calls) == THREADS * CALLS
        ends = set(Checker(apply).final_states(before, history.calls))
        calls = sorted(history.calls, key=lambda call: call.began)
        assert Row.of(fresh(interview)) in ends, "\n".join(map(str, calls))


def test_checker_finds_an_order_of_overlapping_calls() -> None:
    before, ended = Row(Status.ACTIVE, "1"), Row(Status.DESTROYING, "2", 180, EndReason.SUBMITTED)
    calls = [
        Call("submit", "2", 0, 9),
        Call("extend", None, 1, 3),
        Call("read", Row(Status.ACTIVE, "1", 180), 4, 5),
        Call("extend", WrongStateError, 6, 8),
    ]
    assert set(Checker(apply).final_states(before, calls)) == {ended}


@pytest.mark.parametrize(
    "calls",
    [
        # A read that begins after an extension ended does not see it.
        [Call("extend", None, 0, 1), Call("read", Row(Status.ACTIVE, "1"), 2, 3)],
        # Two ends, and each says that its operation is the only one.
        [Call("submit", "2", 0, 9), Call("end", "3", 0, 9)],
        # An extension counts although the end was answered before.
        [Call("submit", "2", 0, 1), Call("extend", None, 2, 3)],
    ],
)
def test_checker_finds_no_order_where_there_is_none(calls: list[Call]) -> None:
    assert not list(Checker(apply).final_states(Row(Status.ACTIVE, "1"), calls))


def test_checker_finds_a_lost_write() -> None:
    calls = [Call("extend", None, 0, 9), Call("extend", None, 0, 9)]
    [after] = set(Checker(apply).final_states(Row(Status.ACTIVE, "1"), calls))
    assert after.extra_seconds == 2 * 60 * MINUTES

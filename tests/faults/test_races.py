"""Many at once, on a real DynamoDB-compatible server."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from interviews.lifecycle import EndReason, Status
from operations import actions, models, runner, schedule
from tests.conftest import fresh, make_due, run_until_idle


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Call `act` from that many threads in the same instant; the answers, or what was raised."""
    start = threading.Barrier(number)

    def one(index: int) -> Any:
        start.wait()
        try:
            return act(index)
        except Exception as error:  # noqa: BLE001 - the tests look at what was raised
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.mark.usefixtures("real_tables")
def test_fault_01_fifty_activations_make_one_operation_and_one_workspace(take_home, engine, rings):
    answers = at_once(50, lambda _: actions.activate(fresh(take_home), by="candidate"))
    assert answers == [fresh(take_home).operation_id] * 50
    assert [o.id for o in models.of_interview(take_home.id)] == [answers[0]]
    assert rings == [("operations.run", answers[0])]
    at_once(10, lambda _: runner.run(answers[0]))
    assert fresh(take_home).state is Status.ACTIVE
    assert engine.provisioned == [take_home.id]


@pytest.mark.usefixtures("real_tables")
def test_start_and_revoke_at_once_have_one_winner_and_leak_nothing(invite, engine):
    for _ in range(5):
        interview = invite()
        at_once(
            8,
            lambda index, row=interview: (
                actions.activate(fresh(row), by="candidate")
                if index % 2
                else actions.revoke(fresh(row), by="recruiter")
            ),
        )
        row = fresh(interview)
        if row.operation_id:
            row = run_until_idle(interview)
        assert row.state is Status.REVOKED
        assert engine.running == {}


@pytest.mark.usefixtures("real_tables")
def test_submit_revoke_and_time_up_at_once_make_one_teardown(running, engine):
    ends = [
        lambda: actions.submit(fresh(running), by="candidate"),
        lambda: actions.revoke(fresh(running), by="recruiter"),
        lambda: actions.end(fresh(running), by="schedule", reason=EndReason.TIME_UP),
    ]
    answers = at_once(12, lambda index: ends[index % 3]())
    assert set(answers) == {fresh(running).operation_id}
    row = run_until_idle(running)
    assert row.state in (Status.COMPLETED, Status.REVOKED)
    assert engine.destroyed == [row.id]
    assert row.history_s3_key


@pytest.mark.usefixtures("real_tables")
def test_fault_08_ticks_that_overlap_run_each_due_item_once(running, engine, rings):
    make_due(running)
    rings.clear()
    at_once(8, lambda _: schedule.tick())
    operations = [operation.type for operation in models.of_interview(running.id)]
    assert sorted(operations) == ["create", "destroy"]
    assert rings == [("operations.run", fresh(running).operation_id)]

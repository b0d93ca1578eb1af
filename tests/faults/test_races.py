"""Concurrent actions on a real DynamoDB-compatible server."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import NoneType
from typing import Any

import pytest

from interviews.lifecycle import EndReason, Status
from operations import actions, models, reconciler
from operations.exceptions import WrongStateError
from operations.worker import runner
from tests.conftest import fresh, make_due, run_until_idle


def run_concurrently(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Call `act` from `number` threads at once, and return the results or exceptions."""
    start = threading.Barrier(number)

    def call(index: int) -> Any:
        start.wait()
        try:
            return act(index)
        except Exception as error:  # noqa: BLE001 - the tests check the exceptions
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(call, range(number)))


@pytest.mark.usefixtures("real_tables")
def test_fault_01_fifty_activations_make_one_operation_and_one_workspace(
    take_home, engine, enqueued
):
    results = run_concurrently(50, lambda _: actions.activate(fresh(take_home), by="candidate"))
    assert results == [fresh(take_home).operation_id] * 50
    assert [o.id for o in models.list_operations(take_home.id)] == [results[0]]
    assert enqueued == [("operations.run", results[0])]
    run_concurrently(10, lambda _: runner.run_operation(results[0]))
    assert fresh(take_home).state is Status.ACTIVE
    assert engine.provisioned == [take_home.id]


@pytest.mark.usefixtures("real_tables")
def test_concurrent_start_and_revoke_leave_no_workspace(invite, engine):
    for _ in range(5):
        interview = invite()
        run_concurrently(
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
def test_concurrent_submit_revoke_and_time_up_queue_one_teardown(running, engine):

    def revoke():
        try:
            return actions.revoke(fresh(running), by="recruiter")
        except WrongStateError:
            return "ending already"

    ends = [
        lambda: actions.submit(fresh(running), by="candidate"),
        revoke,
        lambda: actions.end(fresh(running), by="schedule", reason=EndReason.TIME_UP),
    ]
    results = run_concurrently(12, lambda index: ends[index % 3]())
    row = run_until_idle(running)
    revocations, others = set(results[1::3]), {*results[::3], *results[2::3]}
    assert others == {row.operation_id}
    # Whoever revoked it is told that it was revoked if, and only if, it was.
    is_revoked = row.state is Status.REVOKED
    assert revocations == {row.operation_id if is_revoked else "ending already"}
    assert engine.destroyed == [row.id]
    assert row.history_s3_key


@pytest.mark.usefixtures("real_tables")
def test_fault_08_ticks_that_overlap_run_each_due_item_once(running, engine, enqueued):
    make_due(running)
    enqueued.clear()
    run_concurrently(8, lambda _: reconciler.run_due())
    operations = [operation.type for operation in models.list_operations(running.id)]
    assert sorted(operations) == ["create", "destroy"]
    assert enqueued == [("operations.run", fresh(running).operation_id)]


@pytest.mark.usefixtures("real_tables")
def test_concurrent_extensions_all_count(running):
    before = running.auto_destroy_at
    run_concurrently(10, lambda _: actions.extend(fresh(running), 1, by="recruiter"))
    row = fresh(running)
    assert row.auto_destroy_at == before + timedelta(minutes=10)
    assert [moment.what for moment in row.timeline].count("extended") == 10


@pytest.mark.usefixtures("real_tables")
def test_concurrent_end_and_extension_have_one_winner(running, engine):
    def act(index: int) -> None:
        if index % 2:
            actions.extend(fresh(running), 1, by="recruiter")
        else:
            actions.end(fresh(running), by="colleague", reason=EndReason.ENDED_BY_STAFF)

    results = run_concurrently(8, act)
    refused = [result for result in results if isinstance(result, WrongStateError)]
    extensions = [moment for moment in fresh(running).timeline if moment.what == "extended"]
    assert len(refused) + len(extensions) == 4
    assert {type(result) for result in results[::2]} <= {NoneType}
    row = run_until_idle(running)
    assert (row.state, engine.destroyed) == (Status.COMPLETED, [row.id])


@pytest.mark.usefixtures("real_tables")
def test_concurrent_reopenings_create_one_workspace(running, engine):
    actions.submit(running, by="candidate")
    ended = run_until_idle(running)
    results = run_concurrently(12, lambda _: actions.reopen(fresh(ended), 20, by="recruiter"))
    row = run_until_idle(ended)
    assert results == [row.operation_id] * 12
    assert (row.state, int(row.reopened)) == (Status.ACTIVE, 1)
    assert engine.provisioned == [row.id, f"{row.id}-2"]

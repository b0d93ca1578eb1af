"""Operations and their leases."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from prometheus_client import REGISTRY
from pynamodb.exceptions import PynamoDBException

from interviews.dynamodb import now
from operations import models
from operations.lifecycle import OperationStatus, OperationType
from operations.models import DISPATCH_AGAIN_AFTER, LEASE_DURATION, LeaseLostError, Operation
from operations.worker.lease import STEP_TIMEOUT, Lease


@pytest.fixture
def operation(tables) -> Operation:
    return Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")


def reloaded(operation):
    return models.get_operation(operation.id)


def expire_lease(operation):
    operation.update(actions=[Operation.lease_until.set(now() - timedelta(seconds=1))])


def retries():
    """How many failed tries to create a workspace this process has counted."""
    return REGISTRY.get_sample_value("takehome_operation_retries_total", {"type": "create"})


def test_claim_succeeds_for_one_worker(operation):
    operation.claim()
    with pytest.raises(LeaseLostError):
        reloaded(operation).claim()
    row = reloaded(operation)
    assert (row.status, row.attempts, row.is_leased) == (OperationStatus.RUNNING, 1, True)
    assert row.due_at == row.lease_until


def test_claim_takes_over_an_expired_lease(operation):
    first = operation.claim()
    expire_lease(operation)
    second = reloaded(operation).claim()
    assert second != first
    with pytest.raises(LeaseLostError):
        operation.succeed(first)
    assert reloaded(operation).status == OperationStatus.RUNNING


@pytest.mark.parametrize("finish", ["succeed", "fail"])
def test_finished_operation_cannot_be_claimed_or_cancelled(operation, finish):
    token = operation.claim()
    if finish == "succeed":
        operation.succeed(token)
    else:
        operation.fail(token, "No room.")
    assert not reloaded(operation).is_leased
    with pytest.raises(LeaseLostError):
        reloaded(operation).claim()
    assert reloaded(operation).cancel() is False
    assert reloaded(operation).status == {"succeed": "completed", "fail": "failed"}[finish]
    assert reloaded(operation).due_at is None


def test_cancelled_operation_keeps_its_lease_until_the_worker_releases_it(operation):
    token = operation.claim()
    assert reloaded(operation).cancel() is True
    with pytest.raises(LeaseLostError):
        reloaded(operation).succeed(token)
    with pytest.raises(LeaseLostError):
        reloaded(operation).begin_step(token, "provision")
    assert reloaded(operation).is_leased
    reloaded(operation).renew(token)
    reloaded(operation).release(token)
    row = reloaded(operation)
    assert (row.status, row.lease_owner, row.lease_until) == (OperationStatus.CANCELLED, None, None)


def test_step_that_is_repeated_is_recorded_once(operation):
    token = operation.claim()
    for step in ("provision", "provision", "configure", "provision"):
        operation.begin_step(token, step)
    row = reloaded(operation)
    assert [step.name for step in row.steps] == ["provision", "configure", "provision"]
    assert row.step == "provision"


def test_renewal_extends_the_lease_from_then_on(operation):
    token = operation.claim()
    with time_machine.travel(now() + LEASE_DURATION / 2, tick=False):
        reloaded(operation).renew(token)
        row = reloaded(operation)
        # The reconciler looks at it only when the lease has run out.
        assert (row.lease_until, row.due_at) == (now() + LEASE_DURATION, now() + LEASE_DURATION)


@pytest.mark.parametrize(("error", "failures"), [("No room.", 1), (None, 0)])
def test_requeued_operation_waits_for_any_worker(operation, error, failures):
    counted = retries()
    later = now() + timedelta(minutes=1)
    operation.requeue(operation.claim(), until=later, error=error)
    assert retries() - counted == failures
    row = reloaded(operation)
    assert (row.status, row.error, row.failures) == (OperationStatus.PENDING, error, failures)
    assert (row.lease_owner, row.lease_until, row.due_at) == (None, None, later)


def test_release_of_another_workers_lease_does_nothing(operation):
    first = operation.claim()
    expire_lease(operation)
    reloaded(operation).claim()
    operation.release(first)
    assert reloaded(operation).is_leased


def test_lease_is_renewed_while_the_worker_works(operation, monkeypatch):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    token = operation.claim()
    operation.update(actions=[Operation.lease_until.set(now() + timedelta(seconds=1))])
    with Lease(operation, token):
        # A process can end without it.
        assert [each.daemon for each in threading.enumerate() if each.name == "lease"] == [True]
        while reloaded(operation).lease_until < now() + LEASE_DURATION / 2:
            pass
    assert not reloaded(operation).is_leased


class Clock:
    """An event that is never set, on which waiting passes the time of a clock that stands else."""

    def __init__(self, clock, seconds, each_second):
        self._clock = clock
        self._left = seconds
        self._each_second = each_second

    def wait(self, seconds):
        """True, which ends the renewals, once the whole time is over."""
        while seconds > 0 and self._left > 0:
            step = min(1, seconds)
            self._clock.shift(step)
            self._left -= step
            seconds -= step
            self._each_second()
        return self._left <= 0


def renewing(operation, clock, each_second, *, seconds):
    """Let a worker's lease be renewed for so long, without waiting."""
    lease = Lease(operation, operation.claim())
    lease._done = Clock(clock, seconds, each_second)
    lease._renew()


def test_lease_never_runs_out_while_it_is_renewed(operation):
    ran_out = []

    def look():
        if not reloaded(operation).is_leased:
            ran_out.append(now())

    with time_machine.travel(now(), tick=False) as clock:
        renewing(operation, clock, look, seconds=4 * LEASE_DURATION.total_seconds())
    assert ran_out == []


def test_lease_outlasts_two_renewals_that_the_table_refused(operation, monkeypatch):
    """Below a third of its time: the third try still comes before the lease runs out."""
    renew, tries, ran_out = Operation.renew, [], []

    def fail_twice_of_three(row, token):
        tries.append(now())
        if len(tries) % 3:
            raise PynamoDBException("The table is away.")
        renew(row, token)

    def look():
        if not reloaded(operation).is_leased:
            ran_out.append(now())

    monkeypatch.setattr(Operation, "renew", fail_twice_of_three)
    with time_machine.travel(now(), tick=False) as clock:
        renewing(operation, clock, look, seconds=4 * LEASE_DURATION.total_seconds())
    assert (ran_out, len(tries) > 9) == ([], True)


def test_lease_of_a_step_that_hangs_is_left_to_run_out(operation, caplog):
    token = operation.claim()
    with time_machine.travel(now() + LEASE_DURATION / 2, tick=False):
        lease = Lease(operation, token)
        for renewed, words in [(False, "step_hangs"), (True, "")]:
            caplog.clear()
            waits = iter([False, True])
            lease._done = SimpleNamespace(wait=lambda seconds, waits=waits: next(waits))
            if renewed:
                lease.restart_step_timeout()
            else:
                lease._step_began -= STEP_TIMEOUT.total_seconds()
            lease._renew()
            assert (reloaded(operation).lease_until == now() + LEASE_DURATION) is renewed
            assert words in caplog.text
            assert (operation.id in caplog.text) is (not renewed)


def test_lost_lease_is_neither_renewed_nor_released(operation, monkeypatch):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    token = operation.claim()
    expire_lease(operation)
    reloaded(operation).claim()
    until = reloaded(operation).lease_until
    with Lease(operation, token) as lease:
        while lease.is_renewing:
            pass
    assert (reloaded(operation).is_leased, reloaded(operation).lease_until) == (True, until)


def test_delete_unclaimed_keeps_claimed_operations(operation):
    other = Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")
    other.claim()
    operation.delete_unclaimed()
    other.delete_unclaimed()
    assert reloaded(operation) is None
    assert reloaded(other) is not None


def test_postpone_dispatch_succeeds_for_one_process(operation):
    first, second = reloaded(operation), reloaded(operation)
    expected = [True, False]
    first.due_at = second.due_at = operation.due_at
    operation.update(actions=[Operation.due_at.set(now() - timedelta(seconds=5))])
    first, second = reloaded(operation), reloaded(operation)
    with time_machine.travel(now(), tick=False):
        assert [first.postpone_dispatch(), second.postpone_dispatch()] == expected
        assert reloaded(operation).due_at == now() + DISPATCH_AGAIN_AFTER


def test_only_operations_that_are_due_are_found(operation):
    due = operation.due_at
    for at, found in [(due - timedelta(seconds=1), []), (due, [operation.id])]:
        assert list(models.due_operation_ids(OperationStatus.PENDING, at)) == found
    assert list(models.due_operation_ids(OperationStatus.RUNNING, due)) == []


def test_list_operations_returns_the_newest_first(tables):
    made = []
    for seconds in range(3):
        operation = Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")
        later = now() + timedelta(seconds=seconds)
        operation.update(actions=[Operation.created_at.set(later)])
        made.append(operation.id)
    Operation.queue("takehome-2", OperationType.CREATE, requested_by="candidate")
    assert [o.id for o in models.list_operations("takehome-1")] == made[::-1]
    assert [o.id for o in models.list_operations("takehome-1", limit=2)] == made[:0:-1]

"""Operations: who may work, and for how long."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from operations import models
from operations.models import (
    LEASE_DURATION,
    LeaseLostError,
    Operation,
    OperationStatus,
    OperationType,
)
from operations.worker.lease import Lease


@pytest.fixture
def operation(tables) -> Operation:
    return Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")


def again(operation):
    return models.get(operation.id)


def expire_lease(operation):
    operation.update(actions=[Operation.lease_until.set(now() - timedelta(seconds=1))])


def test_claim_gives_it_to_one(operation):
    operation.claim()
    with pytest.raises(LeaseLostError):
        again(operation).claim()
    row = again(operation)
    assert (row.status, row.attempts, row.is_leased) == (OperationStatus.RUNNING, 1, True)
    assert row.due_at == row.lease_until


def test_claim_takes_over_from_a_worker_that_died(operation):
    first = operation.claim()
    expire_lease(operation)
    second = again(operation).claim()
    assert second != first
    with pytest.raises(LeaseLostError):
        operation.succeed(first)
    assert again(operation).status == OperationStatus.RUNNING


@pytest.mark.parametrize("finish", ["succeed", "fail"])
def test_what_is_finished_cannot_be_claimed_or_cancelled(operation, finish):
    token = operation.claim()
    if finish == "succeed":
        operation.succeed(token)
    else:
        operation.fail(token, "No room.")
    assert not again(operation).is_leased
    with pytest.raises(LeaseLostError):
        again(operation).claim()
    assert again(operation).cancel() is False
    assert again(operation).status == {"succeed": "completed", "fail": "failed"}[finish]
    assert again(operation).due_at is None


def test_cancelled_stays_cancelled_but_keeps_its_lease_until_the_worker_lets_go(operation):
    token = operation.claim()
    assert again(operation).cancel() is True
    with pytest.raises(LeaseLostError):
        again(operation).succeed(token)
    with pytest.raises(LeaseLostError):
        again(operation).begin(token, "provision")
    assert again(operation).is_leased
    again(operation).renew(token)
    again(operation).release(token)
    row = again(operation)
    assert (row.status, row.is_leased) == (OperationStatus.CANCELLED, False)


def test_let_go_of_what_another_has_does_nothing(operation):
    first = operation.claim()
    expire_lease(operation)
    again(operation).claim()
    operation.release(first)
    assert again(operation).is_leased


def test_lease_is_renewed_while_the_work_goes_on(operation, monkeypatch):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    token = operation.claim()
    operation.update(actions=[Operation.lease_until.set(now() + timedelta(seconds=1))])
    with Lease(operation.id, token):
        while again(operation).lease_until < now() + LEASE_DURATION / 2:
            pass
    assert not again(operation).is_leased


def test_lease_that_was_lost_is_neither_renewed_nor_given_up(operation, monkeypatch):
    monkeypatch.setattr("operations.worker.lease.LEASE_DURATION", timedelta(seconds=0.15))
    token = operation.claim()
    expire_lease(operation)
    again(operation).claim()
    until = again(operation).lease_until
    with Lease(operation.id, token) as lease:
        while lease.is_renewing:
            pass
    assert (again(operation).is_leased, again(operation).lease_until) == (True, until)


def test_discard_deletes_only_what_nobody_took(operation):
    other = Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")
    other.claim()
    operation.discard()
    other.discard()
    assert again(operation) is None
    assert again(other) is not None


def test_ring_later_tells_one_of_several(operation):
    first, second = again(operation), again(operation)
    expected = [True, False]
    first.due_at = second.due_at = operation.due_at
    operation.update(actions=[Operation.due_at.set(now() - timedelta(seconds=5))])
    first, second = again(operation), again(operation)
    assert [first.postpone_dispatch(), second.postpone_dispatch()] == expected


def test_of_interview_lists_newest_first(tables):
    made = []
    for seconds in range(3):
        operation = Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")
        later = now() + timedelta(seconds=seconds)
        operation.update(actions=[Operation.created_at.set(later)])
        made.append(operation.id)
    Operation.queue("takehome-2", OperationType.CREATE, requested_by="candidate")
    assert [o.id for o in models.of_interview("takehome-1")] == made[::-1]

"""When a worker must stop, and what happens to operations that no interview points at."""

import pytest
import time_machine

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import actions, models
from operations.lifecycle import OperationStatus, OperationType
from operations.models import DISPATCH_AGAIN_AFTER, LeaseLostError, Operation
from operations.worker import fencing
from tests.conftest import fresh, operation_of


@pytest.fixture
def unreferenced(tables) -> Operation:
    return Operation.queue("takehome-1", OperationType.CREATE, requested_by="candidate")


def discard(operation, age):
    """Discard it at this age, as the worker that claimed it does."""
    with time_machine.travel(operation.created_at + age, tick=False):
        fencing.discard_unreferenced(operation, operation.claim())
        return models.get_operation(operation.id), now()


def test_young_operation_is_kept_for_the_interview_that_is_about_to_point_at_it(unreferenced):
    row, at = discard(unreferenced, fencing.UNREFERENCED_LIFETIME / 2)
    assert (row.status, row.due_at) == (OperationStatus.PENDING, at + DISPATCH_AGAIN_AFTER)


def test_operation_is_cancelled_at_the_end_of_its_time_unreferenced(unreferenced):
    row, _ = discard(unreferenced, fencing.UNREFERENCED_LIFETIME)
    assert row.status == OperationStatus.CANCELLED


@pytest.fixture
def owned(take_home, engine):
    """An interview with the operation on it, and the token of the worker that runs it."""
    actions.activate(take_home, by="candidate")
    operation = operation_of(take_home)
    return fresh(take_home), operation, operation.claim()


def test_owner_may_go_on(owned):
    interview, operation, token = owned
    fencing.ensure_still_owner(operation, token, interview)


def delete_operation(interview, operation):
    operation.delete()


def lose_lease(interview, operation):
    operation.update(actions=[Operation.lease_owner.set("another worker")])


def delete_interview(interview, operation):
    fresh(interview).delete()


def replace_operation(interview, operation):
    fresh(interview).change(operation_id="another operation")


def move_interview_on(interview, operation):
    fresh(interview).move_to(Status.INITIALIZING, by="another worker")


@pytest.mark.parametrize(
    "meanwhile",
    [delete_operation, lose_lease, delete_interview, replace_operation, move_interview_on],
)
def test_worker_stops_after(owned, meanwhile):
    interview, operation, token = owned
    meanwhile(interview, operation)
    with pytest.raises(LeaseLostError, match=operation.id):
        fencing.ensure_still_owner(operation, token, interview)


def queue_after(previous=None):
    """An operation that replaced `previous`, and the token of the worker that claimed it."""
    operation = Operation.queue(
        "takehome-1",
        OperationType.DESTROY,
        requested_by="recruiter",
        blocked_by=previous.id if previous is not None else None,
    )
    return operation, operation.claim()


def test_operation_waits_until_all_it_replaced_have_let_go(tables):
    first, first_token = queue_after()
    second, second_token = queue_after(first)
    second.requeue(second_token, until=now())
    third, third_token = queue_after(second)
    with time_machine.travel(now(), tick=False):
        assert fencing.predecessor_released(third, third_token) is False
        row = models.get_operation(third.id)
        assert (row.status, row.is_leased) == (OperationStatus.PENDING, False)
        assert row.due_at == now() + fencing.PREDECESSOR_RECHECK
    for replaced in (first, second):
        assert models.get_operation(replaced.id).status == OperationStatus.CANCELLED
    first.release(first_token)
    assert fencing.predecessor_released(third, third.claim()) is True


def test_operation_that_replaced_none_need_not_wait(tables):
    assert fencing.predecessor_released(*queue_after()) is True

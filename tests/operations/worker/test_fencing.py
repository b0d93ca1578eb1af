"""What happens to operations that no interview points at."""

import pytest
import time_machine

from interviews.dynamodb import now
from operations import models
from operations.lifecycle import OperationStatus, OperationType
from operations.models import DISPATCH_AGAIN_AFTER, Operation
from operations.worker import fencing


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

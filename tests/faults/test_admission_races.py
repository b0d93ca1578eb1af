"""Starts, ends and workers at the same time: never more workspaces than the limit, none left over.

The tables are of a real DynamoDB-compatible server, and the SQL databases are those of deployments.
"""

import random
import threading
import time
from typing import Any

import pytest

from interviews.lifecycle import EndReason, Status
from operations import actions, reconciler
from operations.admission import line
from operations.admission.models import Admission, in_line, places_taken
from operations.admission.sweep import sweep
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.fakes import FakeProvisioner
from tests.faults.shared_database import in_threads, shared_database
from tests.operations.admission.conftest import set_limit

__all__ = ["set_limit", "shared_database"]

pytestmark = pytest.mark.usefixtures("real_tables", "shared_database")

LIMIT, TESTS = 3, 12


class Counting(FakeProvisioner):
    """Remembers the most workspaces that there were at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._lock = threading.Lock()

    def provision(self, spec: Any, log: Any) -> Any:
        workspace = super().provision(spec, log)
        with self._lock:
            self.most = max(self.most, len(self.running))
        return workspace


@pytest.fixture
def engine(use_engine) -> Counting:
    counting = Counting()
    use_engine(counting)
    return counting


def test_starts_at_the_same_time_take_no_more_places_than_there_are(
    invite, engine, set_limit, monkeypatch
):
    set_limit(LIMIT)
    admit_first, chance = line._admit_first, random.Random(7)

    def admit_late(*values: Any) -> Any:
        # Between the count of the free places and the look at who is first.
        time.sleep(chance.random() / 10)
        return admit_first(*values)

    monkeypatch.setattr(line, "_admit_first", admit_late)
    tests = [invite() for _ in range(TESTS)]
    for each in tests:
        actions.activate(each, by="candidate")
    # Two workers get each message, as after a lost one that was not.
    in_threads(2 * TESTS, lambda i: runner.run_operation(operation_of(tests[i % TESTS]).id))
    assert len(engine.running) == engine.most == LIMIT
    assert places_taken("fake").count() == LIMIT
    assert in_line("fake").count() == TESTS - LIMIT


def test_with_ends_sweeps_and_ticks_between_all_have_their_turn_and_nothing_is_left(
    invite, engine, set_limit
):
    set_limit(LIMIT)
    tests = [invite() for _ in range(TESTS)]
    for each in tests:
        actions.activate(each, by="candidate")
    chance = random.Random(7)

    def work(index: int) -> None:
        for each in chance.sample(tests, TESTS):
            row = fresh(each)
            if row.state is Status.ACTIVE and index % 2:
                actions.end(row, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
            operation = operation_of(each)
            if operation.is_unfinished:
                runner.run_operation(operation.id)
            if index == 0:
                sweep()
                reconciler.run_due()

    for _ in range(20):
        in_threads(4, work)
        if all(fresh(each).state is Status.COMPLETED for each in tests):
            break
    assert {fresh(each).status for each in tests} == {Status.COMPLETED}
    assert engine.most <= LIMIT
    assert engine.running == {}
    assert not Admission.objects.exists()

"""A failed start keeps its place while its workspace could not be removed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from interviews.lifecycle import Status
from operations import actions, models
from operations.admission import leftovers, positions
from operations.admission.models import Admission, left_behind, places_taken
from operations.admission.needs import MAX_CLEAN_UP
from operations.admission.sweep import sweep
from operations.models import CLEAN_UP_INTERVAL
from operations.provisioners.base import ProvisionError, Readiness
from tests.conftest import fresh, operation_of
from tests.fakes import FakeProvisioner
from tests.operations.admission.conftest import line_of, look, press_start
from tests.operations.worker.test_runner import log_lines

pytestmark = pytest.mark.django_db


class Stuck(FakeProvisioner):
    """It cannot start the workspace of `fails_for`, and removes nothing while it `hangs`."""

    fails_for = ""
    hangs = True

    def provision(self, spec, log):
        workspace = super().provision(spec, log)
        if spec.workspace_name == self.fails_for:
            raise ProvisionError("provision", "No.")
        return workspace

    def destroy(self, workspace, log):
        if self.hangs:
            raise ProvisionError("destroy", "The engine doesn't respond.")
        super().destroy(workspace, log)


@pytest.fixture
def stuck(set_limit, use_engine) -> Stuck:
    engine = Stuck()
    use_engine(engine)
    return engine


@pytest.fixture
def failed(invite, stuck, set_limit):
    """A failed start whose workspace is still there, and one that waits for its place."""
    set_limit(1)
    first, second = invite(), invite()
    stuck.fails_for = first.id
    assert press_start(first).state is Status.ERROR
    assert list(stuck.running) == [first.id]
    assert press_start(second).state is Status.ACTIVATED
    return first, second


def later(by: timedelta = CLEAN_UP_INTERVAL):
    return time_machine.travel(datetime.now(UTC) + by + timedelta(seconds=2), tick=False)


def test_the_place_is_kept_and_noted(failed):
    first, second = failed
    sweep()
    assert line_of() == [second.id]
    (row,) = left_behind("fake")
    assert (row.interview_id, row.left_since) == (first.id, operation_of(first).finished_at)


def test_the_sweep_tries_again_and_then_the_next_is_admitted(failed, stuck, enqueued):
    first, second = failed
    clean_up = ("operations.run", operation_of(first).id)
    enqueued.clear()
    sweep()
    assert clean_up not in enqueued  # it was tried a moment ago
    with later():
        sweep()
        assert enqueued.count(clean_up) == 1
        look(first)
        sweep()
        assert enqueued.count(clean_up) == 1
        assert look(second).state is Status.ACTIVATED
    stuck.hangs = False
    with later(2 * CLEAN_UP_INTERVAL):
        sweep()
        assert enqueued.count(clean_up) == 2
        look(first)
        assert stuck.running == {}
        assert [row.interview_id for row in places_taken("fake")] == [second.id]
        assert look(second).state is Status.ACTIVE
    assert fresh(first).state is Status.ERROR
    assert operation_of(first).check_at is None


def test_it_is_not_kept_for_longer_than_the_bound(failed):
    _, second = failed
    with later(MAX_CLEAN_UP - timedelta(minutes=1)):
        sweep()
        assert line_of() == [second.id]
    with later(MAX_CLEAN_UP):
        sweep()
        assert [row.interview_id for row in places_taken("fake")] == [second.id]


def test_a_workspace_that_is_removed_at_once_frees_its_place(invite, stuck, set_limit):
    set_limit(1)
    first = invite()
    stuck.fails_for, stuck.hangs = first.id, False
    assert press_start(first).state is Status.ERROR
    assert operation_of(first).check_at is None
    assert not Admission.objects.exists()


def test_a_retry_keeps_the_place_and_nobody_removes_its_workspace(failed, stuck):
    first, second = failed
    left = operation_of(first).id
    stuck.fails_for = ""
    actions.retry(fresh(first), by="candidate")
    assert look(first).state is Status.ACTIVE
    assert not left_behind("fake").exists()
    stuck.hangs = False
    with later():
        sweep()
        from operations.worker import runner

        runner.run_operation(left)
    assert list(stuck.running) == [first.id]
    assert fresh(first).state is Status.ACTIVE
    assert line_of() == [second.id]


def test_a_retry_waits_while_a_worker_removes_the_workspace(failed):
    first, _ = failed
    with later():
        left = operation_of(first)
        left.claim("worker")
        actions.retry(fresh(first), by="candidate")
        assert look(first).state is Status.ACTIVATED


def test_a_start_that_is_cancelled_between_two_checks_is_left_as_well(
    invite, use_engine, set_limit, enqueued
):
    class NeverReady(Stuck):
        def is_ready(self, workspace):
            return Readiness(False)

    engine = use_engine(NeverReady())
    set_limit(1)
    interview = invite()
    assert press_start(interview).state is Status.CONFIGURING
    actions.cancel(operation_of(interview), by="recruiter")
    look(interview)
    assert left_behind("fake").count() == 1
    engine.hangs = False
    enqueued.clear()
    with later():
        sweep()
        assert enqueued == [("operations.run", operation_of(interview).id)]
        look(interview)
    assert engine.running == {}
    assert not Admission.objects.exists()


def test_a_worker_that_dies_while_it_removes_it_is_followed_by_another(failed, enqueued):
    first, _ = failed
    with later():
        operation_of(first).claim("worker")
        enqueued.clear()
        sweep()
        assert enqueued == []
    with later(CLEAN_UP_INTERVAL + models.LEASE_DURATION + CLEAN_UP_INTERVAL):
        sweep()
        assert enqueued == [("operations.run", operation_of(first).id)]


def test_the_log_says_why_it_is_still_there(failed):
    assert "Couldn't clean up: The engine doesn't respond." in log_lines(operation_of(failed[0]))


def test_the_line_counts_it(failed):
    (line,) = positions.lines()
    assert (line.running, len(line.left), len(line.waiting)) == (1, 1, 1)


def test_a_note_that_is_no_longer_true_goes(failed):
    first, _ = failed
    row = Admission.objects.get(interview_id=first.id)
    interview = fresh(first)
    with later(MAX_CLEAN_UP):
        assert leftovers.note_left(row, interview) is None
    assert Admission.objects.get(pk=row.pk).left_since is None

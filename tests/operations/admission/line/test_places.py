"""Places of failed starts, restarts and practice workspaces, and limits that change."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import actions, reconciler
from operations.admission.models import Admission, places_taken
from operations.lifecycle import OperationStatus
from operations.practice import practices_of
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.admission.conftest import line_of, look, press_start, statuses
from tests.operations.admission.line.starts import end

pytestmark = pytest.mark.django_db


def test_a_failed_start_gives_its_place_back_and_a_retry_keeps_its_time(
    invite, use_engine, set_limit
):
    set_limit(1)
    first, second, third = (invite() for _ in range(3))
    broken = use_engine(engine_that_fails_for(first.id))
    assert press_start(first).state is Status.ERROR
    assert press_start(second).state is Status.ACTIVE
    press_start(third)
    broken.fails_for = ""
    # An hour ago the first one pressed Start, half an hour ago the third, and now the first again.
    row = fresh(first)
    row.activated_at = now() - timedelta(hours=1)
    row.save()
    Admission.objects.filter(interview_id=third.id).update(since=now() - timedelta(minutes=30))
    actions.retry(fresh(first), by="candidate")
    assert look(first).state is Status.ACTIVATED
    assert line_of() == [first.id, third.id]


def engine_that_fails_for(workspace: str):
    from operations.provisioners.base import ProvisionError
    from tests.fakes import FakeProvisioner

    class FailsForOne(FakeProvisioner):
        fails_for = workspace

        def provision(self, spec, log):
            if spec.workspace_name == self.fails_for:
                raise ProvisionError("provision", "No.")
            return super().provision(spec, log)

    return FailsForOne()


def test_a_restart_has_its_place_while_others_wait(started):
    from operations.queue import enqueue

    first, second = started(1, 2)
    enqueue.restart_workspace(fresh(first))
    row = run_until_idle(first)
    assert row.state is Status.ACTIVE
    assert row.restarting is None
    assert operation_of(first).status == OperationStatus.COMPLETED
    assert line_of() == [second.id]


def test_pressing_start_ends_the_candidates_practice_which_holds_the_place(
    invite, engine, set_limit
):
    set_limit(1)
    test = invite()
    actions.start_practice(test)
    (practice,) = practices_of(test.id)
    look(practice)
    assert places_taken("fake").get().shown_at == test.id
    assert press_start(test).state is Status.ACTIVATED
    run_until_idle(practice)
    assert look(test).state is Status.ACTIVE


def test_a_lower_limit_strands_nobody(started, set_limit):
    tests = started(3, 4)
    set_limit(1)
    end(tests[0])
    assert look(tests[3]).state is Status.ACTIVATED
    end(tests[1])
    assert look(tests[3]).state is Status.ACTIVATED
    assert statuses(tests[2]) == ["active"]
    end(tests[2])
    assert look(tests[3]).state is Status.ACTIVE


def test_a_higher_limit_admits_those_who_wait(started, set_limit, enqueued):
    tests = started(1, 3)
    set_limit(2)
    enqueued.clear()
    reconciler.run_due()
    assert enqueued == [("operations.run", operation_of(tests[1]).id)]
    assert look(tests[1]).state is Status.ACTIVE
    assert line_of() == [tests[2].id]

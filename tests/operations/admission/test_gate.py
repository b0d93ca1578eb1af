"""What a worker does with a start that has no place."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import actions, reconciler
from operations.admission import line
from operations.admission.gate import LOOK_AGAIN_AFTER
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.operations.admission.conftest import look, press_start

pytestmark = pytest.mark.django_db


def test_a_start_that_waits_is_due_again_although_its_message_is_lost(
    invite, engine, set_limit, enqueued
):
    set_limit(1)
    press_start(invite())
    waiting = invite()
    press_start(waiting)
    operation = operation_of(waiting)
    due_in = operation.due_at - now()
    assert LOOK_AGAIN_AFTER - timedelta(seconds=2) <= due_in <= LOOK_AGAIN_AFTER
    operation.wait_for_place(until=now() - timedelta(seconds=1))
    enqueued.clear()
    reconciler.run_due()
    assert ("operations.run", operation.id) in enqueued


def test_without_the_sql_database_a_start_waits(invite, engine, set_limit, monkeypatch):
    set_limit(1)
    interview = invite()
    with monkeypatch.context() as patch:

        def fail(*_):
            raise OperationalError

        patch.setattr(line, "request_place", fail)
        assert press_start(interview).state is Status.ACTIVATED
    assert operation_of(interview).due_at > now()
    assert look(interview).state is Status.ACTIVE


def test_an_operation_that_was_replaced_does_not_join(invite, engine, set_limit):
    from operations.admission.models import Admission

    set_limit(1)
    interview = invite()
    operation_id = actions.activate(interview, by="candidate")
    actions.revoke(fresh(interview), by="recruiter", notify=False)
    runner.run_operation(operation_id)
    assert not Admission.objects.exists()


def test_a_tick_without_the_sql_database_says_so_in_a_line(
    invite, engine, set_limit, monkeypatch, caplog
):
    set_limit(1)

    def fail(_):
        raise OperationalError

    monkeypatch.setattr(line, "in_line", fail)
    reconciler.run_due()
    assert caplog.text.count("places_unknown") == 1
    assert "due_item_failed" not in caplog.text


def test_only_who_may_be_in_line_leaves_it_with_its_end(started, monkeypatch):
    running, waiting = started(1, 2)
    released = []
    monkeypatch.setattr(line, "release", released.append)
    actions.revoke(fresh(running), by="recruiter", notify=False)
    assert released == []
    actions.revoke(fresh(waiting), by="recruiter", notify=False)
    assert released == [waiting.id]

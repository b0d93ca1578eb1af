"""A write succeeds and its response is lost: the client retries it, and the condition fails.

That must not count as a lost race.
"""

from datetime import timedelta

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ReadTimeoutError

from interviews import queries
from interviews.lifecycle import EndReason, Status
from operations import actions, models
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import CannotSave, FakeProvisioner


@pytest.fixture
def lose_response(monkeypatch):
    """Call it with texts: the response to the first write that contains them all is lost."""
    lost = []

    def lose(*words):
        original = Endpoint._get_response

        def get_response(self, request, operation_model, context):
            response = original(self, request, operation_model, context)
            body = request.body if isinstance(request.body, str) else (request.body or b"").decode()
            is_write = operation_model.name in ("UpdateItem", "PutItem")
            is_match = is_write and all(word in body for word in words)
            if is_match and not lost:
                lost.append(body)
                return None, ReadTimeoutError(endpoint_url="the table")
            return response

        monkeypatch.setattr(Endpoint, "_get_response", get_response)

    yield lose
    assert len(lost) == 1


def test_lost_response_of_an_activation(take_home, engine, lose_response):
    lose_response('"activated"')
    operation_id = actions.activate(take_home, by="candidate")
    assert fresh(take_home).operation_id == operation_id
    assert models.get_operation(operation_id).is_unfinished
    assert run_until_idle(take_home).state is Status.ACTIVE


def test_lost_response_of_an_end(running, engine, lose_response):
    lose_response('"destroying"')
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    assert run_until_idle(running).state is Status.COMPLETED
    assert engine.running == {}


@pytest.mark.parametrize("status", ["initializing", "configuring", "active"])
def test_lost_response_of_a_status_change_while_provisioning(
    take_home, engine, lose_response, status
):
    lose_response(f'"{status}"', '"worker"')
    actions.activate(take_home, by="candidate")
    row = run_until_idle(take_home)
    assert row.state is Status.ACTIVE
    assert list(engine.running) == [row.id]


def test_lost_response_of_the_last_status_change(running, engine, lose_response):
    lose_response('"completed"', '"worker"')
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    row = run_until_idle(running)
    assert row.state is Status.COMPLETED
    assert operation_of(row).status == "completed"


def test_lost_response_of_a_requeued_teardown(running, use_engine, lose_response):
    engine = use_engine(CannotSave())
    engine.running = {running.id: {}}
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    lose_response('"pending"', "disk")
    runner.run_operation(operation_of(running).id)
    assert operation_of(running).is_unfinished
    good = use_engine(FakeProvisioner())
    good.running = {running.id: {"work.py": b"hours"}}
    assert run_until_idle(running).state is Status.COMPLETED


def test_lost_response_of_an_extension_extends_once(running, lose_response):
    before = running.auto_destroy_at
    lose_response('"extended"')
    actions.extend(running, 15, by="recruiter")
    row = fresh(running)
    assert row.auto_destroy_at == before + timedelta(minutes=15)
    assert [moment.what for moment in row.timeline].count("extended") == 1


def test_lost_response_of_an_invitation_creates_one(invite, lose_response):
    lose_response('"available"', '"timeline"')
    interview = invite()
    assert [row.id for row in queries.list_page("take-home").items] == [interview.id]


def test_lost_response_of_a_queued_operation_is_no_error(take_home, engine, lose_response):
    lose_response('"pending"', '"requestedBy"')
    actions.activate(take_home, by="candidate")
    assert run_until_idle(take_home).state is Status.ACTIVE

"""A write succeeds and its response is lost: the client retries it, and the condition fails.

That must not count as a lost race.
"""

from datetime import timedelta

import pytest

from interviews import queries
from interviews.lifecycle import EndReason, Status
from operations import actions, models
from operations.management.commands.create_tables import TABLES
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.dynamodb.calls import before_each_call
from tests.fakes import CannotSave, FakeProvisioner


@pytest.fixture
def lose_response(dynamodb, tables):
    """Call it with texts: the response to the first write with all of them is lost, and the client
    sends the write again."""
    lost = []

    def write_twice(model, params, **more):
        body = params["body"].decode()
        is_write = model.name in ("UpdateItem", "PutItem")
        if wanted and is_write and all(word in body for word in wanted) and not lost:
            lost.append(dynamodb.answer(model, params, **more))

    wanted = []
    with before_each_call(write_twice, *TABLES):
        yield lambda *words: wanted.extend(words)
    [(http, _)] = lost
    assert http.status_code == 200


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

"""A write gets through and its answer does not: the client repeats it, and its own condition
fails. That is no lost race."""

from datetime import timedelta

import pytest

from interviews import queries
from interviews.lifecycle import EndReason, Status
from operations import actions, models
from operations.management.commands.create_tables import TABLES
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import CannotSave, FakeProvisioner


@pytest.fixture
def lose_answer(dynamodb, tables):
    """Call it with words of a write: the answer to the first such write gets lost, and the client
    sends the write again."""
    clients = [model._get_connection().connection.client for model in TABLES]
    lost = []

    def write_twice(model, params, **more):
        body = params["body"].decode()
        is_write = model.name in ("UpdateItem", "PutItem")
        if wanted and is_write and all(word in body for word in wanted) and not lost:
            lost.append(dynamodb.answer(model, params, **more))

    wanted = []
    for client in clients:
        client.meta.events.register("before-call.dynamodb", write_twice)
    yield lambda *words: wanted.extend(words)
    for client in clients:
        client.meta.events.unregister("before-call.dynamodb", write_twice)
    [(http, _)] = lost
    assert http.status_code == 200


def test_of_an_activation(take_home, engine, lose_answer):
    lose_answer('"activated"')
    operation_id = actions.activate(take_home, by="candidate")
    assert fresh(take_home).operation_id == operation_id
    assert models.get(operation_id).is_unfinished
    assert run_until_idle(take_home).state is Status.ACTIVE


def test_of_an_end(running, engine, lose_answer):
    lose_answer('"destroying"')
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    assert run_until_idle(running).state is Status.COMPLETED
    assert engine.running == {}


@pytest.mark.parametrize("status", ["initializing", "configuring", "active"])
def test_of_a_workers_move_on_the_way_up(take_home, engine, lose_answer, status):
    lose_answer(f'"{status}"', '"worker"')
    actions.activate(take_home, by="candidate")
    row = run_until_idle(take_home)
    assert row.state is Status.ACTIVE
    assert list(engine.running) == [row.id]


def test_of_a_workers_last_move(running, engine, lose_answer):
    lose_answer('"completed"', '"worker"')
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    row = run_until_idle(running)
    assert row.state is Status.COMPLETED
    assert operation_of(row).status == "completed"


def test_of_a_teardown_that_is_put_back(running, use_engine, lose_answer):
    engine = use_engine(CannotSave())
    engine.running = {running.id: {}}
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    lose_answer('"pending"', "disk")
    runner.run_operation(operation_of(running).id)
    assert operation_of(running).is_unfinished
    good = use_engine(FakeProvisioner())
    good.running = {running.id: {"work.py": b"hours"}}
    assert run_until_idle(running).state is Status.COMPLETED


def test_of_more_time_gives_it_once(running, lose_answer):
    before = running.auto_destroy_at
    lose_answer('"extended"')
    actions.extend(running, 15, by="recruiter")
    row = fresh(running)
    assert row.auto_destroy_at == before + timedelta(minutes=15)
    assert [moment.what for moment in row.timeline].count("extended") == 1


def test_of_an_invitation_makes_one(invite, lose_answer):
    lose_answer('"available"', '"timeline"')
    interview = invite()
    assert [row.id for row in queries.page("take-home").items] == [interview.id]


def test_of_a_queued_operation_is_no_error(take_home, engine, lose_answer):
    lose_answer('"pending"', '"requestedBy"')
    actions.activate(take_home, by="candidate")
    assert run_until_idle(take_home).state is Status.ACTIVE

"""The table server does not answer in time: pages say so, and what a worker does is done again."""

import html

import pytest
from botocore.exceptions import ReadTimeoutError
from django.test import Client

from interviews.lifecycle import EndReason, Status
from operations import actions
from operations.management.commands.create_tables import TABLES
from operations.worker import runner
from takehome_platform.errors import STORE_UNAVAILABLE
from tests.conftest import expire_lease, operation_of, run_until_idle
from tests.dynamodb.calls import before_each_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def time_out(dynamodb, tables):
    """Call it with texts: the first request with all of them times out, or each one `always`.

    If it is `done`, DynamoDB has carried it out all the same.
    """
    timed_out = []
    how = {}

    def fail(model, params, **more):
        body = params["body"].decode()
        if not how or not all(word in body for word in how["words"]):
            return
        if timed_out and not how["always"]:
            return
        timed_out.append(model.name)
        if how["done"]:
            dynamodb.answer(model, params, **more)
        raise ReadTimeoutError(endpoint_url=params["url"], error="timed out")

    def call(*words, always=False, done=False):
        how.update(words=words, always=always, done=done)

    with before_each_call(fail, *TABLES):
        yield call
    assert timed_out


def test_pages_and_api_answer_503_with_a_sentence(time_out, staff, take_home):
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    time_out(always=True)
    start = f"/api/interviews/{take_home.id}/activate"
    answers = [
        client.get(f"/interviews/{take_home.id}/"),
        client.get(f"/api/interviews/{take_home.id}"),
        client.get(f"/?passcode={take_home.passcode}"),
        client.get(f"/api/interviews/by-passcode/{take_home.passcode}"),
        client.post(start, {"passcode": take_home.passcode}, content_type="application/json"),
        client.post(f"/api/interviews/{take_home.id}/destroy", content_type="application/json"),
    ]
    for answer in answers:
        assert (answer.status_code, answer["Retry-After"]) == (503, "10"), answer.content
        assert str(STORE_UNAVAILABLE) in html.unescape(answer.content.decode())


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("status", ["initializing", "configuring", "active"])
def test_worker_starts_again_after_a_time_out(take_home, engine, time_out, status, done):
    actions.activate(take_home, by="candidate")
    time_out(f'"{status}"', '"worker"', done=done)
    runner.run_operation(operation_of(take_home).id)
    operation = operation_of(take_home)
    assert operation.is_unfinished
    expire_lease(operation)
    row = run_until_idle(take_home)
    assert row.state is Status.ACTIVE
    assert list(engine.running) == [row.id]


@pytest.mark.parametrize("done", [False, True])
def test_worker_ends_again_after_a_time_out(running, engine, time_out, done):
    actions.end(running, by="schedule", reason=EndReason.TIME_UP)
    time_out('"completed"', '"worker"', done=done)
    operation = operation_of(running)
    runner.run_operation(operation.id)
    expire_lease(operation)
    row = run_until_idle(running)
    assert (row.state, row.is_saved) == (Status.COMPLETED, True)
    assert engine.running == {}

"""POST /take-home/<passcode>/retry"""

import pytest
from django.test import Client

from interviews.lifecycle import PROVISIONING, Status
from operations import actions
from operations.worker import runner
from tests.candidate_portal.actions import assert_refused_with_message, press
from tests.conftest import fresh, operation_of
from tests.fakes import Broken


@pytest.fixture
def failed(take_home, use_engine):
    use_engine(Broken())
    runner.run_operation(actions.activate(take_home, by="candidate"))
    return fresh(take_home)


def path(interview):
    return f"/take-home/{interview.passcode}/retry"


def test_retry_provisions_again(client, failed):
    answer = press(client, "retry", failed)
    assert answer.status_code == 200
    assert 'data-status="activated"' in answer.text
    assert fresh(failed).operation_id != failed.operation_id


def test_retry_is_allowed_three_times(client, failed):
    statuses = []
    for _ in range(4):
        statuses.append(press(client, "retry", failed).status_code)
        runner.run_operation(operation_of(failed).id)
    assert statuses == [200, 200, 200, 409]
    assert "Please ask the person" in client.get(f"/take-home/{failed.passcode}/").text


def test_retry_without_an_error_is_refused_with_a_message(client, interview_in):
    assert_refused_with_message(
        client, "retry", interview_in, set(Status) - PROVISIONING - {Status.ERROR}
    )


def test_retry_without_csrf_token_is_refused(failed):
    assert Client(enforce_csrf_checks=True).post(path(failed)).status_code == 403
    assert fresh(failed).state is Status.ERROR

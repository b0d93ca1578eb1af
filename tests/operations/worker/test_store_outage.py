"""A start while the store of files does not respond: it waits for a while, and then fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError, ConnectTimeoutError
from django.core.files.storage import FileSystemStorage

from interviews.challenges import library
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, models, operation_log
from operations.lifecycle import OperationStatus
from operations.worker import provision, runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import FakeProvisioner

REFUSALS = [
    ClientError({"Error": {"Code": "SlowDown"}}, "GetObject"),
    ConnectTimeoutError(endpoint_url="http://files.example.com"),
    OSError("Input/output error"),
]


@contextmanager
def reading_fails(
    error: Exception, owner: Any = library, name: str = "read_files"
) -> Iterator[None]:
    def fail(*args: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fail)
        yield


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_start_waits_for_a_store_that_does_not_respond(
    take_home: Interview, engine: FakeProvisioner, error: Exception
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        operation_id = actions.activate(take_home, by="candidate")
        with reading_fails(error):
            runner.run_operation(operation_id)
        row, operation = fresh(take_home), operation_of(take_home)
        assert row.state is Status.INITIALIZING
        assert not row.problem
        assert not engine.provisioned
        assert operation.status == OperationStatus.PENDING
        lines = [line.message for line in operation_log.read_lines(operation_id)]
        assert lines[-1] == "The file store isn't responding. Retrying in 5 s."

        clock.shift(provision.STORE_RETRY_DELAY)
        assert list(models.due_operation_ids(OperationStatus.PENDING, now())) == [operation_id]
        runner.run_operation(operation_id)
        assert fresh(take_home).state is Status.ACTIVE


def test_start_fails_when_the_store_does_not_come_back(
    take_home: Interview, engine: FakeProvisioner
) -> None:
    with time_machine.travel(now(), tick=False) as clock, reading_fails(REFUSALS[0]):
        operation_id = actions.activate(take_home, by="candidate")
        tries = 0
        while operation_of(take_home).is_unfinished:
            tries += 1
            assert tries < 100
            runner.run_operation(operation_id)
            clock.shift(provision.STORE_RETRY_DELAY)
    row = fresh(take_home)
    assert (row.state, row.failed_step) == (Status.ERROR, "provision")
    assert row.problem == "The file store isn't responding."
    assert tries == provision.STORE_PATIENCE // provision.STORE_RETRY_DELAY + 2


def test_reopened_test_waits_for_its_saved_files(
    running: Interview, engine: FakeProvisioner
) -> None:
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    ended = run_until_idle(running)
    operation_id = actions.reopen(ended, 30, by="recruiter")

    with reading_fails(REFUSALS[0], FileSystemStorage, "open"):
        runner.run_operation(operation_id)
    assert operation_of(ended).status == OperationStatus.PENDING
    runner.run_operation(operation_id)
    assert fresh(ended).state is Status.ACTIVE


def test_lost_file_of_a_challenge_is_no_outage(
    take_home: Interview, engine: FakeProvisioner
) -> None:
    with reading_fails(FileNotFoundError("src/rules.py")):
        runner.run_operation(actions.activate(take_home, by="candidate"))
    assert fresh(take_home).state is Status.ERROR

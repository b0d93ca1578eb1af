"""Why a workspace is not ready, and how long an engine is waited for."""

from datetime import UTC, datetime, timedelta

import time_machine

from interviews.lifecycle import Status
from operations import actions, operation_log
from operations.models import Operation
from operations.provisioners.base import USUAL_PATIENCE
from operations.worker import runner
from tests.conftest import fresh, operation_of
from tests.fakes import FakeProvisioner
from tests.operations.worker.test_provision import check_now, engine, no_brief_wait, waiting

__all__ = ["engine", "no_brief_wait", "waiting"]  # fixtures


def test_why_a_workspace_does_not_answer_is_in_the_log_once_until_it_changes(waiting, engine):
    for reason in ("No machine is free.", "No machine is free.", None, "It is being pulled."):
        engine.reason = reason
        check_now(waiting)
    engine.reason = f"It is being pulled with {waiting.password}."
    check_now(waiting)
    messages = [line.message for line in operation_log.read_lines(waiting.operation_id)]
    told = [text for text in messages if text.startswith(("No machine", "It is being pulled"))]
    assert told == [
        "No machine is free.",
        "It is being pulled.",
        "It is being pulled with •••.",
    ]
    assert operation_of(waiting).waiting_reason == told[-1]


def test_why_a_workspace_never_answered_is_in_the_error(waiting, engine, monkeypatch):
    monkeypatch.setattr(FakeProvisioner, "patience", timedelta(0))
    engine.reason = "No machine is free."
    check_now(waiting)
    sentence = "The workspace didn't respond within 0 minutes (No machine is free.)."
    assert fresh(waiting).problem == sentence


def test_an_engine_with_more_patience_is_waited_for_longer(take_home, engine):
    engine.patience = 2 * USUAL_PATIENCE
    began = datetime.now(UTC)
    with time_machine.travel(began, tick=False) as clock:
        runner.run_operation(actions.activate(take_home, by="candidate"))
        for minutes, status in ((9, Status.CONFIGURING), (11, Status.ERROR)):
            # A check that is late begins to wait anew: this one is in time.
            operation = operation_of(take_home)
            clock.move_to(began + timedelta(minutes=minutes))
            operation.update(actions=[Operation.check_at.set(datetime.now(UTC))])
            runner.run_operation(operation.id)
            assert fresh(take_home).state is status
    assert fresh(take_home).problem == "The workspace didn't respond within 10 minutes."

"""What a start asks of the tables: each call costs worker and table server processor time."""

from collections import Counter
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, models
from operations.worker import runner
from tests.conftest import fresh
from tests.fakes import FakeProvisioner

# A workspace that answers at the first look, on an engine without a limit.
CLICK, START = 3, 19


def test_a_start_makes_so_many_calls_at_most(
    take_home: Interview, engine: FakeProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    dispatch = Connection.dispatch

    def counted(connection: Connection, operation: str, wanted: dict[str, Any]) -> Any:
        calls[operation] += 1
        return dispatch(connection, operation, wanted)

    monkeypatch.setattr(Connection, "dispatch", counted)
    operation_id = actions.activate(take_home, by="candidate")
    assert sum(calls.values()) <= CLICK, calls
    calls.clear()
    runner.run_operation(operation_id)
    assert sum(calls.values()) <= START, calls
    assert fresh(take_home).state is Status.ACTIVE
    # It is released, although nobody asked whether it was.
    operation = models.get_operation(operation_id)
    assert operation is not None and operation.lease_owner is None

"""When a machine that Swarm misses counts as lost, with a manager that tells the time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from operations.provisioners.base import MachineDownError
from operations.provisioners.swarm.lost_machines import machine_down
from operations.provisioners.swarm.nodes import Node

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = timedelta(seconds=20)
# The manager's clock is an hour late.
MISSED_AT = datetime(2026, 3, 1, 11, 0, 0, tzinfo=UTC)
CLIENT: Any = SimpleNamespace(info=lambda: {"SystemTime": "2026-03-01T11:00:15.123456789Z"})
UP = Node("n1", "build-1", "ready", "active", "192.0.2.1", "192.0.2.1", 4, 8192)
DOWN = replace(UP, id="n2", hostname="build-2", state="down", changed_at=MISSED_AT)


def error_of(*nodes: Node) -> MachineDownError:
    with time_machine.travel(NOW, tick=False):
        return machine_down(CLIENT, nodes, DOWN, PATIENCE, "start")


def test_it_is_lost_once_it_was_missed_for_so_long() -> None:
    error = error_of(UP, DOWN)
    assert error.step == "start"
    assert error.sentence == (
        "The machine build-2, which has the workspace's files, is down since 11:00 UTC."
    )
    # By the clock here, which the manager's does not change.
    assert error.lost_at is not None
    assert abs(error.lost_at - (NOW + timedelta(seconds=5))) < timedelta(seconds=0.2)


@pytest.mark.parametrize(
    ("nodes", "is_lost"),
    [
        ((UP, DOWN), True),
        ((UP, UP, DOWN), True),
        ((UP, DOWN, DOWN), False),
        ((UP, UP, DOWN, DOWN), True),
        ((DOWN,), False),
    ],
    ids=["1 of 2", "1 of 3", "2 of 3", "2 of 4", "all"],
)
def test_nothing_is_lost_while_most_are_missed(nodes: tuple[Node, ...], is_lost: bool) -> None:
    """It may be the manager that is cut off."""
    error = error_of(*nodes)
    assert (error.lost_at is not None) is is_lost
    assert ("perhaps the manager is cut off" in error.sentence) is not is_lost


def test_it_is_not_lost_if_nobody_knows_since_when() -> None:
    error = machine_down(CLIENT, (UP, DOWN), replace(DOWN, changed_at=None), PATIENCE, "start")
    assert error.lost_at is None

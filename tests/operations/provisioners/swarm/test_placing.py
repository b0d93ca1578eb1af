"""What becomes of a workspace whose place Swarm ended, with a manager in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from operations.provisioners.base import (
    MachineDownError,
    NoRoomError,
    ProvisionError,
    WorkspaceGoneError,
)
from operations.provisioners.docker.naming import names_of
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.swarm import places, placing
from operations.provisioners.swarm.nodes import Node
from operations.provisioners.swarm.options import SwarmOptions
from operations.provisioners.swarm.places import NotPlacedError, Place
from tests.operations.provisioners.conftest import LogLines

DOCKER = DockerOptions(host="", image="", helper_image="platform", url="")
OPTIONS = SwarmOptions(DOCKER, DOCKER, "", constraints=("node.labels.takehome==true",))
NODE = Node("n1", "build-1", "ready", "active", "192.0.2.1", "192.0.2.1", 4, 8192)
OTHER = replace(NODE, id="n2", hostname="build-2")
# Its task has ended, as when the machine was restarted.
ENDED = Place(
    id="s1",
    version=3,
    workspace="takehome-1",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    node_id="n1",
    is_settled=True,
    is_held=False,
    task_id=None,
    is_undecided=False,
    has_task=True,
    problem="",
    spec={"TaskTemplate": {}},
)
HELD = replace(ENDED, is_held=True, task_id="t1")


class Manager:
    """The places of a swarm of two machines; `decide` says what Swarm does with a request."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *nodes: Node) -> None:
        self.place: Place | None = None
        self.decide: Callable[[], Place] = lambda: HELD
        self.asked: list[tuple[str, ...]] = []
        self.running: set[str] = set()
        self.disks: set[str] = set()
        client: Any = SimpleNamespace()
        self.swarm: Any = SimpleNamespace(
            client=client,
            nodes={node.id: node for node in nodes},
            engine_on=lambda node: SimpleNamespace(is_running=lambda _: node.id in self.running),
            ask_all=lambda _: [(node, node.id in self.disks) for node in nodes],
            machine_down=lambda node: MachineDownError("start", node.hostname, lost_at=None),
        )
        monkeypatch.setattr(placing, "pinned_image", lambda client, name: name)
        monkeypatch.setattr(places, "find_place", lambda *_: self.place)
        monkeypatch.setattr(places, "create_place", lambda client, names, needs: self._ask(needs))
        monkeypatch.setattr(places, "hold_again", lambda client, place, needs: self._ask(needs))
        monkeypatch.setattr(places, "await_decision", lambda *_: self.decide())
        monkeypatch.setattr(places, "remove_place", lambda *_: self._remove())
        monkeypatch.setattr(places, "settle", lambda *_: None)

    def _ask(self, needs: places.Needs) -> None:
        self.asked.append(tuple(needs.constraints))
        self.place = self.place or replace(ENDED, node_id=None, is_settled=False)

    def _remove(self) -> None:
        self.place = None

    def hold(self, *, is_new: bool) -> Node:
        request = placing.Request(names_of("default", "takehome-1"), 1.0, 512, is_new)
        return placing.hold_place(self.swarm, OPTIONS, request, LogLines())


def refuses() -> Place:
    raise NotPlacedError("no suitable node (insufficient resources on 2 nodes)")


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    return Manager(monkeypatch, NODE, OTHER)


def test_new_workspace_may_go_where_the_settings_say(manager: Manager) -> None:
    assert manager.hold(is_new=True) == NODE
    assert manager.asked == [OPTIONS.constraints]


def test_place_that_is_held_is_asked_for_nothing(manager: Manager) -> None:
    manager.place = HELD
    assert manager.hold(is_new=False) == NODE
    assert manager.asked == []


@pytest.mark.parametrize("is_new", [True, False])
def test_place_that_ended_is_made_again_on_its_machine(manager: Manager, is_new: bool) -> None:
    manager.place = ENDED
    assert manager.hold(is_new=is_new) == NODE
    assert manager.asked == [("node.id==n1",)]


def test_workspace_that_runs_goes_on_without_a_place(manager: Manager) -> None:
    manager.place, manager.decide, manager.running = ENDED, refuses, {"n1"}
    assert manager.hold(is_new=False) == NODE
    assert manager.place == ENDED


def test_workspace_with_files_waits_for_its_machine(manager: Manager) -> None:
    manager.place, manager.decide = ENDED, refuses
    with pytest.raises(NoRoomError, match="The machine build-1, which has the workspace's files"):
        manager.hold(is_new=False)
    assert manager.place == ENDED


def test_new_one_gives_up_a_machine_that_cannot_take_it(manager: Manager) -> None:
    manager.place, manager.decide = ENDED, refuses
    with pytest.raises(NoRoomError):
        manager.hold(is_new=True)
    assert manager.place is None


def test_lost_place_is_made_again_where_the_disk_is(manager: Manager) -> None:
    manager.disks = {"n2"}
    manager.decide = lambda: replace(HELD, node_id="n2")
    assert manager.hold(is_new=False) == OTHER
    assert manager.asked == [("node.id==n2",)]


def test_lost_place_is_not_left_without_its_machine(manager: Manager) -> None:
    manager.disks, manager.decide = {"n2"}, refuses
    with pytest.raises(NoRoomError, match="The machine build-2, which has"):
        manager.hold(is_new=False)
    assert manager.asked == [("node.id==n2",)] and manager.place is None


def test_workspace_that_no_machine_has_is_gone(manager: Manager) -> None:
    with pytest.raises(WorkspaceGoneError):
        manager.hold(is_new=False)
    assert manager.asked == []


@pytest.mark.parametrize(
    "away", [replace(OTHER, state="down"), replace(OTHER, availability="drain")]
)
def test_it_is_not_gone_while_a_machine_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch, away: Node
) -> None:
    manager = Manager(monkeypatch, NODE, away)
    with pytest.raises(ProvisionError, match="nobody knows whether it has") as caught:
        manager.hold(is_new=False)
    assert not isinstance(caught.value, WorkspaceGoneError)


def test_machine_that_left_the_swarm_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Manager(monkeypatch, OTHER)
    manager.place = ENDED
    with pytest.raises(WorkspaceGoneError):
        manager.hold(is_new=False)
    assert manager.place is None


def test_machine_that_is_down_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Manager(monkeypatch, replace(NODE, state="down"), OTHER)
    manager.place = ENDED
    with pytest.raises(MachineDownError, match="build-1"):
        manager.hold(is_new=False)
    manager.place = HELD
    with pytest.raises(MachineDownError, match="build-1"):
        # Swarm has not given up its task yet.
        manager.hold(is_new=False)
    manager.place = ENDED
    assert manager.asked == []
    with pytest.raises(NoRoomError):
        manager.hold(is_new=True)
    # The next try finds another machine.
    assert manager.place is None


def test_drained_machine_is_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Manager(monkeypatch, replace(NODE, availability="drain"), OTHER)
    manager.place = ENDED
    with pytest.raises(NoRoomError, match="is drained"):
        manager.hold(is_new=False)
    assert manager.asked == []

"""What is free on the machines of a swarm."""

from types import SimpleNamespace
from typing import Any

import pytest

from operations.provisioners.base import Machine, MachineState
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.swarm.machines import list_machines
from operations.provisioners.swarm.manager import Swarm
from operations.provisioners.swarm.options import SwarmOptions

GIGABYTE = 1024**3
DOCKER = DockerOptions(host="", image="", helper_image="", url="")


def node(id_: str, state: str = "ready", availability: str = "active") -> dict[str, Any]:
    return {
        "ID": id_,
        "Spec": {"Availability": availability},
        "Description": {
            "Hostname": f"build-{id_}",
            "Resources": {"NanoCPUs": 4e9, "MemoryBytes": 8 * GIGABYTE},
        },
        "Status": {"State": state, "Addr": "192.0.2.1"},
    }


def task(node_id: str, state: str = "running", cpus: float = 1.5, gigabytes: int = 2) -> Any:
    reserved = {"NanoCPUs": cpus * 1e9, "MemoryBytes": gigabytes * GIGABYTE}
    return {
        "NodeID": node_id,
        "Status": {"State": state},
        "Spec": {"Resources": {"Reservations": reserved}},
    }


def place(node_id: str) -> Any:
    return {
        "ID": "s1",
        "Version": {"Index": 1},
        "CreatedAt": "2026-01-01T10:00:00Z",
        "Spec": {"Labels": {"takehome.node": node_id}, "TaskTemplate": {}},
    }


def machines(nodes: list[Any], tasks: list[Any], places: list[Any]) -> list[Machine]:
    def only_running(filters: dict[str, str]) -> list[Any]:
        assert filters == {"desired-state": "running"}
        return tasks

    api: Any = SimpleNamespace(
        nodes=lambda: nodes, tasks=only_running, services=lambda filters: places
    )
    client: Any = SimpleNamespace(api=api)
    options = SwarmOptions(DOCKER, DOCKER, "")
    return list_machines(Swarm(client, options, "list"), options)


def test_what_is_reserved_is_not_free() -> None:
    tasks = [
        task("a"),
        task("a", "starting"),
        # It is no workspace, and takes room all the same; that one has none yet.
        task("b", cpus=4, gigabytes=9),
        task("", "pending"),
        {"NodeID": "b", "Status": {"State": "running"}, "Spec": {}},
    ]
    assert machines([node("b"), node("a")], tasks, [place("a"), place("a")]) == [
        Machine("build-a", MachineState.READY, 2, 4.0, 1.0, 8192, 4096),
        Machine("build-b", MachineState.READY, 0, 4.0, 0, 8192, 0),
    ]


@pytest.mark.parametrize(
    ("state", "availability", "expected"),
    [
        ("ready", "active", MachineState.READY),
        ("ready", "pause", MachineState.PAUSED),
        ("ready", "drain", MachineState.DRAINED),
        ("down", "active", MachineState.DOWN),
        ("disconnected", "drain", MachineState.DOWN),
        ("unknown", "active", MachineState.UNKNOWN),
    ],
)
def test_state_of_a_machine(state: str, availability: str, expected: MachineState) -> None:
    [machine] = machines([node("a", state, availability)], [], [])
    assert machine.state is expected

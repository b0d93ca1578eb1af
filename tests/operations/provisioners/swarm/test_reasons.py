"""What Swarm says about a task becomes a sentence."""

from dataclasses import replace

import pytest

from operations.provisioners.swarm.nodes import Node, parse_node
from operations.provisioners.swarm.reasons import no_machine_free, own_machine_full

NODE = Node("n1", "build-3", "ready", "active", "192.0.2.3", "192.0.2.3", 4, 8192)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            "no suitable node (insufficient resources on 3 nodes)",
            "No machine is free: too few free processors or too little free memory on 3 machines.",
        ),
        (
            "no suitable node (scheduling constraints not satisfied on 1 node; insufficient "
            "resources on 2 nodes)",
            "No machine is free: too few free processors or too little free memory on 2 machines, "
            "SWARM_CONSTRAINTS rules out 1 machine.",
        ),
        (
            "no suitable node (1 node not available for new tasks; scheduling constraints not "
            "satisfied on 2 nodes)",
            "No machine is free: SWARM_CONSTRAINTS rules out 2 machines, 1 machine down, drained "
            "or paused.",
        ),
        (
            "no suitable node (unsupported platform on 2 nodes)",
            "No machine is free: the image isn't for the processors of 2 machines.",
        ),
        ("no suitable node", "No machine is free."),
    ],
)
def test_reason_becomes_a_sentence(reason: str, sentence: str) -> None:
    assert no_machine_free(reason) == sentence


@pytest.mark.parametrize(
    ("state", "availability", "words"),
    [
        ("down", "active", "is down"),
        ("ready", "drain", "is drained"),
        ("ready", "pause", "is paused"),
        ("ready", "active", "has too few free processors or too little free memory"),
    ],
)
def test_machine_with_the_files_is_named(state: str, availability: str, words: str) -> None:
    node = replace(NODE, state=state, availability=availability)
    assert own_machine_full("", node) == (
        f"The machine build-3, which has the workspace's files, {words}."
    )


def described(**changes: object) -> dict[str, object]:
    return {
        "ID": "n1",
        "Spec": {"Availability": "active", "Labels": {}},
        "Description": {
            "Hostname": "build-3",
            "Resources": {"NanoCPUs": 4_000_000_000, "MemoryBytes": 8 * 1024**3},
        },
        "Status": {"State": "ready", "Addr": "192.0.2.3"},
    } | changes


def test_node_is_read_as_a_manager_describes_it() -> None:
    assert parse_node(described()) == NODE
    assert NODE.is_ready and NODE.takes_new and NODE.condition == ""


def test_browsers_use_the_label_of_a_node() -> None:
    labelled = described(Spec={"Labels": {"takehome.host": "n1.example.com"}})
    assert parse_node(labelled).host == "n1.example.com"
    assert parse_node(labelled).address == "192.0.2.3"


def test_manager_is_where_it_says_it_is() -> None:
    """A manager may know itself as 0.0.0.0."""
    node = described(
        Status={"State": "ready", "Addr": "0.0.0.0"}, ManagerStatus={"Addr": "192.0.2.9:2377"}
    )
    assert parse_node(node).address == "192.0.2.9"


@pytest.mark.parametrize("availability", ["drain", "pause"])
def test_node_that_takes_no_new_work_can_still_be_asked(availability: str) -> None:
    node = parse_node(described(Spec={"Availability": availability}))
    assert node.is_ready and not node.takes_new and node.condition

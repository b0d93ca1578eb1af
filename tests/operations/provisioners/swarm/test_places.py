"""The names of places, and what their tasks say, without a swarm."""

from typing import Any

import pytest

from operations.provisioners.swarm.places import _place
from operations.provisioners.swarm.services import MAX_NAME, PLAIN_NAME, service_name

LABELS = {"takehome.platform": "default", "takehome.workspace": "takehome-1"}


def service(**spec: Any) -> dict[str, Any]:
    return {
        "ID": "s1",
        "Version": {"Index": 7},
        "CreatedAt": "2026-01-01T10:00:00.123456789Z",
        "Spec": {"Name": "workspace-takehome-1", "Labels": LABELS, "TaskTemplate": {}} | spec,
    }


def task(
    state: str, node: str = "", wanted: str = "running", second: int = 0, err: str = ""
) -> Any:
    return {
        "ID": f"{state}-{node}",
        "CreatedAt": f"2026-01-01T10:00:{second:02}.5Z",
        "DesiredState": wanted,
        "Spec": {},
        "NodeID": node,
        "Status": {"State": state, "Err": err},
    }


def test_name_that_swarm_accepts_stays() -> None:
    name = "workspace-takehome-1796048561-f249228820"
    assert service_name(name) == name


@pytest.mark.parametrize(
    "name", ["workspace-" + "a" * 60, "workspace-Prod.takehome-1", "workspace-takehome-1-"]
)
def test_other_names_become_such(name: str) -> None:
    made = service_name(name)
    assert len(made) <= MAX_NAME and PLAIN_NAME.fullmatch(made)
    assert service_name(name) == made


def test_different_workspaces_have_different_names() -> None:
    long = "workspace-" + "a" * 60
    names = [f"{long}1", f"{long}2", "workspace-A", "workspace-a", "workspace-a.b", "workspace-a-b"]
    assert len({service_name(each).lower() for each in names}) == len(names)


def test_place_that_holds_its_reservation() -> None:
    place = _place(service(), [task("running", "n1")])
    assert (place.node_id, place.is_held, place.is_settled) == ("n1", True, False)
    assert place.task_id == "running-n1"


def test_place_that_waits_says_why() -> None:
    place = _place(service(), [task("pending", err="no suitable node")])
    assert (place.node_id, place.is_held, place.is_undecided) == (None, False, True)
    assert place.problem == "no suitable node"


def test_place_stays_on_the_machine_that_was_written_down() -> None:
    """Swarm may start another task elsewhere by itself; the disk is where it was."""
    labels = LABELS | {"takehome.node": "n1"}
    place = _place(service(Labels=labels), [task("running", "n2"), task("shutdown", "n1")])
    assert (place.node_id, place.is_held, place.is_settled) == ("n1", False, True)


def test_task_of_a_drained_machine_holds_nothing() -> None:
    labels = LABELS | {"takehome.node": "n1"}
    place = _place(service(Labels=labels), [task("running", "n1", wanted="shutdown")])
    assert (place.node_id, place.is_held, place.is_undecided) == ("n1", False, False)


def test_newest_task_says_what_the_problem_is() -> None:
    place = _place(
        service(),
        [
            task("rejected", "n1", "shutdown", 1, "No such image: a."),
            task("failed", "n1", "shutdown", 0, "older"),
        ],
    )
    assert place.problem == "No such image: a"


def test_place_without_a_task_yet_is_waited_for() -> None:
    place = _place(service(), [])
    assert (place.is_held, place.is_undecided, place.has_task) == (False, True, False)


def test_task_from_before_an_update_says_nothing_about_it() -> None:
    """As that of a machine that restarted, right after a new one was asked for."""
    ended = task("failed", "n1", "shutdown", err="task: non-zero exit (255)")
    updated = service(TaskTemplate={"ForceUpdate": 1})
    place = _place(updated, [ended])
    assert (place.problem, place.is_undecided, place.has_task) == ("", True, False)
    place = _place(updated, [ended, task("running", "n1") | {"Spec": {"ForceUpdate": 1}}])
    assert (place.is_held, place.is_undecided, place.problem) == (True, False, "")

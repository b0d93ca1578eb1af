"""Machines that are drained, cut off the network or dead, and that come back."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from operations.provisioners.base import NoRoomError, ProvisionError, Workspace
from operations.provisioners.docker.workspace_container import HEALTH_PATH
from operations.provisioners.health_probe import is_answering
from operations.provisioners.swarm.provisioner import SwarmProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import spec
from tests.services import wait_until
from tests.swarm.cluster import Cluster, run
from tests.swarm.conftest import Engines

pytestmark = [pytest.mark.swarm, pytest.mark.timeout(400)]

# Longer than Swarm needs to miss a machine: three heartbeats, each of about five seconds.
SECONDS_TO_MISS = 90


def started(engine: SwarmProvisioner, name: str) -> Workspace:
    workspace = engine.provision(spec(name), LogLines())
    wait_until(lambda: engine.is_ready(workspace), "It does not answer.", 60)
    return workspace


def answers(workspace: Workspace) -> bool:
    """Whether its candidate's browser reaches it."""
    url = urlsplit(str(workspace.url))
    return is_answering(str(url.hostname), int(url.port or 0), HEALTH_PATH)


def error_of(call: Callable[[], object]) -> str:
    """What the call's error says; nothing if it succeeds."""
    try:
        call()
    except ProvisionError as error:
        return error.sentence
    return ""


def is_missed(cluster: Cluster, node_id: str) -> bool:
    return cluster.state_of(node_id) == "down"


def why_not_ready(engine: SwarmProvisioner, workspace: Workspace) -> str | None:
    """What a health check says; an error says nothing yet."""
    try:
        return engine.is_ready(workspace).reason
    except ProvisionError:
        return None


def test_drained_machine(cluster: Cluster, engines: Engines) -> None:
    engine = engines()
    there = started(engines("node.hostname==m2"), "takehome-1")
    node = cluster.node_id("m2")
    cluster.set_availability("m2", "drain")
    wait_until(lambda: node not in cluster.agents(), "Its agent goes on.", 60)
    # Swarm ends what is its own, and the workspace is not.
    assert answers(there)
    with pytest.raises(ProvisionError, match="The machine m2 is drained, so its agent"):
        engine.is_ready(there)
    with pytest.raises(ProvisionError, match="The machine m2 is drained"):
        engine.destroy(there, LogLines())
    assert [each.id for each in engine.list_owned()] == ["takehome-1"]
    with pytest.raises(NoRoomError, match="1 machine down, drained or paused"):
        engines("node.hostname==m2").reserve("takehome-2", None, None, LogLines())
    assert started(engine, "takehome-3").state["machine"] != "m2"

    cluster.set_availability("m2", "active")
    cluster.await_agents()
    assert engine.is_ready(there)
    again = engine.provision(spec(files=None), LogLines())
    assert (again.url, again.state) == (there.url, there.state)


def test_paused_machine(cluster: Cluster, engines: Engines) -> None:
    engine = engines()
    there = started(engines("node.hostname==m2"), "takehome-1")
    cluster.set_availability("m2", "pause")
    assert engine.is_ready(there)
    assert started(engine, "takehome-3").state["machine"] != "m2"
    with pytest.raises(NoRoomError):
        engines("node.hostname==m2").reserve("takehome-2", None, None, LogLines())
    engine.destroy(there, LogLines())
    assert [each.id for each in engine.list_owned()] == ["takehome-3"]


def test_machine_that_loses_its_label(cluster: Cluster, engines: Engines) -> None:
    """As it is taken out of service: what is there goes on, and nothing new comes."""
    labelled = engines("node.labels.takehome==true")
    cluster.set_label("m2", "takehome", "true")
    there = started(labelled, "takehome-1")
    assert there.state["machine"] == "m2"
    cluster.set_label("m2", "takehome", None)
    with pytest.raises(NoRoomError, match="SWARM_CONSTRAINTS rules out 3 machines"):
        labelled.reserve("takehome-2", None, None, LogLines())
    assert labelled.is_ready(there)
    again = labelled.provision(spec(files=None), LogLines())
    assert (again.url, again.state) == (there.url, there.state)
    labelled.destroy(there, LogLines())
    assert labelled.list_owned() == []


def test_dead_machine_and_its_return(cluster: Cluster, engines: Engines, tmp_path: Path) -> None:
    engine = engines()
    gone, kept = (started(engines("node.hostname==m2"), f"takehome-{n}") for n in (1, 2))
    other = started(engines("node.hostname==m3"), "takehome-3")
    node = cluster.node_id("m2")
    run("kill", "m2")
    wait_until(
        lambda: why_not_ready(engine, kept) == "The machine m2 is down.",
        "Nobody says that the machine is down.",
        SECONDS_TO_MISS,
    )
    assert engine.is_ready(other)
    assert started(engine, "takehome-4").state["machine"] != "m2"
    names = [f"takehome-{n}" for n in (1, 2, 3, 4)]
    assert [each.id for each in engine.list_owned()] == names
    # Neither is its candidate's work lost, as far as anyone can know.
    with pytest.raises(ProvisionError, match="which has the workspace's files, is down"):
        engine.provision(spec("takehome-2", files=None), LogLines())
    with pytest.raises(ProvisionError, match="which has the workspace's files, is down"):
        engine.export(kept, tmp_path / "files.tar.gz", ())
    log = LogLines()
    engine.destroy(gone, log)
    assert "What it has of the workspace is removed when it is back." in log[0]
    assert [each.id for each in engine.list_owned()] == names[1:]

    cluster.start_machine("m2")
    wait_until(lambda: cluster.state_of(node) == "ready", "It does not come back.", 120)
    cluster.await_agents()
    # What was left there is found, and can be removed.
    assert [each.id for each in engine.list_owned()] == names
    engine.destroy(gone, log)
    assert [each.id for each in engine.list_owned()] == names[1:]
    again = engine.provision(spec("takehome-2", files=None), LogLines())
    wait_until(lambda: engine.is_ready(again), "It does not answer.", 60)
    assert again.state["machine"] == "m2"
    engine.export(again, tmp_path / "files.tar.gz", ())


def test_machine_that_is_cut_off(cluster: Cluster, engines: Engines) -> None:
    engine = engines()
    there = started(engines("node.hostname==m3"), "takehome-1")
    other = started(engines("node.hostname==m2"), "takehome-2")
    node = cluster.node_id("m3")
    run("cut", "m3")
    # Until Swarm misses it, which a busy machine may do before this, nobody knows.
    for call in (lambda: engine.is_ready(there), engine.list_owned):
        said = error_of(call)
        assert said.startswith("The agent on the machine m3 can't") or is_missed(cluster, node)
    wait_until(
        lambda: why_not_ready(engine, there) == "The machine m3 is down.",
        "Nobody says that the machine is down.",
        SECONDS_TO_MISS,
    )
    assert engine.is_ready(other)
    assert [each.id for each in engine.list_owned()] == ["takehome-1", "takehome-2"]

    run("mend", "m3")
    wait_until(lambda: cluster.state_of(node) == "ready", "It does not come back.", 120)
    cluster.await_agents()
    assert engine.is_ready(there), "It ran all the time."
    again = engine.provision(spec(files=None), LogLines())
    assert (again.url, again.state) == (there.url, there.state)

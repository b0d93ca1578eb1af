"""How a machine's engine is found and reached, with a manager that is asked in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound

from operations.provisioners.base import ProvisionError, Workspace, WorkspaceSpec
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.swarm import provisioner
from operations.provisioners.swarm.manager import Swarm
from operations.provisioners.swarm.options import SwarmOptions
from tests.operations.provisioners.conftest import LogLines, make_spec

# Public addresses, which nothing blocks but what is asked of the manager.
NODES = {"n1": "203.0.113.1", "n2": "203.0.113.2", "n3": "203.0.113.3"}


def node(id_: str, **changes: Any) -> dict[str, Any]:
    return {
        "ID": id_,
        "Spec": {"Availability": "active", "Labels": {}},
        "Description": {"Hostname": f"build-{id_}", "Resources": {}},
        "Status": {"State": "ready", "Addr": NODES[id_]},
    } | changes


def agent(
    node_id: str, address: str, state: str = "running", network: str = "takehome-agents"
) -> Any:
    attachments = [
        {"Network": {"Spec": {"Name": "another"}}, "Addresses": ["10.0.9.9/24"]},
        {"Network": {"Spec": {"Name": network}}, "Addresses": [f"{address}/24"]},
    ]
    return {"NodeID": node_id, "Status": {"State": state}, "NetworksAttachments": attachments}


class Manager:
    """The calls of a manager's API that are made here."""

    def __init__(self, tasks: list[Any] | None) -> None:
        self._tasks = tasks
        self.described = [node(id_) for id_ in NODES]

    def nodes(self) -> list[Any]:
        return self.described

    def tasks(self, filters: dict[str, str]) -> list[Any]:
        assert filters["service"] == "takehome-agents"
        if self._tasks is None:
            raise NotFound("no service")
        return self._tasks

    def inspect_network(self, name: str) -> Any:
        if name != "takehome-agents":
            raise NotFound("no network")
        return {"IPAM": {"Config": [{"Subnet": "198.51.100.0/25"}, {"Subnet": "fd00::/64"}]}}


@pytest.fixture
def options(tmp_path: Path) -> SwarmOptions:
    for name in ("ca.pem", "worker.pem", "worker-key.pem"):
        (tmp_path / name).touch()
    docker = DockerOptions(host="", image="", helper_image="", url="", publish_address="127.0.0.1")
    return SwarmOptions(docker, docker, "http://{name}.{node}:{port}/", certificates=tmp_path)


def swarm_of(manager: Manager, options: SwarmOptions) -> Swarm:
    client: Any = SimpleNamespace(api=manager)
    return Swarm(client, options, "health")


def engine_options(swarm: Swarm, id_: str) -> DockerOptions:
    return swarm.engine_on(swarm.nodes[id_])._options


def test_engine_is_reached_through_its_machines_agent(options: SwarmOptions) -> None:
    manager = Manager([agent("n1", "10.0.1.4"), agent("n2", "10.0.1.5")])
    manager.described[1] = node("n2", Spec={"Labels": {"takehome.host": "n2.example.com"}})
    swarm = swarm_of(manager, options)
    first, second = engine_options(swarm, "n1"), engine_options(swarm, "n2")
    assert (first.host, second.host) == ("tcp://10.0.1.4:2376", "tcp://10.0.1.5:2376")
    assert (first.machine, first.publish_address) == ("build-n1", NODES["n1"])
    assert second.workspace_url("Takehome-1", 20001) == "http://takehome-1.n2.example.com:20001/"
    assert first.tls is not None and first.tls.name == "takehome-agent"


def test_a_host_name_may_say_the_machine_and_the_port(options: SwarmOptions) -> None:
    url = "https://{name}-{port}-{address}.workspaces.example.com/"
    swarm = swarm_of(Manager([agent("n1", "10.0.1.4")]), replace(options, url=url))
    engine = engine_options(swarm, "n1")
    place = f"20001-{NODES['n1'].replace('.', '-')}"
    assert engine.workspace_url("Int-1", 20001) == f"https://int-1-{place}.workspaces.example.com/"
    longest = engine.workspace_url("a-" + "b" * 61, 20001).removeprefix("https://").split(".")[0]
    assert len(longest) == 63
    assert longest.endswith(f"b-{place}")


def test_workspaces_may_not_reach_any_machine_or_agent(options: SwarmOptions) -> None:
    swarm = swarm_of(Manager([agent("n1", "10.0.1.4")]), options)
    engine = swarm.engine_on(swarm.nodes["n1"], is_to_start=True)._options
    assert {*NODES.values(), "198.51.100.0/25"} <= {*engine.blocked_networks}
    assert "fd00::/64" not in engine.blocked_networks


@pytest.mark.parametrize(
    ("tasks", "changes", "sentence"),
    [
        ([], {}, "The machine build-n1 has no running agent"),
        (None, {}, "The machine build-n1 has no running agent"),
        ([agent("n1", "10.0.1.4", state="starting")], {}, "has no running agent"),
        ([agent("n1", "10.0.1.4", network="other")], {}, "has no running agent"),
        ([], {"Status": {"State": "down"}}, "The machine build-n1, which has .*, is down"),
        ([], {"Status": {"State": "unknown"}}, "The machine build-n1 is not known to Swarm"),
        ([], {"Spec": {"Availability": "drain"}}, "The machine build-n1 is drained, so its agent"),
    ],
)
def test_machine_that_cannot_be_asked_is_an_error(
    options: SwarmOptions, tasks: list[Any] | None, changes: dict[str, Any], sentence: str
) -> None:
    manager = Manager(tasks)
    manager.described[0] = node("n1", **changes)
    with pytest.raises(ProvisionError, match=sentence):
        engine_options(swarm_of(manager, options), "n1")


def test_missing_certificate_is_an_error(options: SwarmOptions) -> None:
    (options.certificates / "worker.pem").unlink()
    with pytest.raises(ProvisionError, match="SWARM_CERTIFICATES has no file worker"):
        engine_options(swarm_of(Manager([agent("n1", "10.0.1.4")]), options), "n1")


def test_all_are_asked_that_have_an_agent(options: SwarmOptions) -> None:
    manager = Manager([agent(id_, "10.0.1.4") for id_ in NODES])
    manager.described[1] = node("n2", Status={"State": "down"})
    manager.described[2] = node("n3", Spec={"Availability": "drain"})
    answers = swarm_of(manager, options).ask_all(lambda engine: engine._options.machine)
    assert [(each.id, answer) for each, answer in answers] == [("n1", "build-n1")]


def test_one_that_does_not_answer_is_an_error(options: SwarmOptions) -> None:
    with pytest.raises(ProvisionError, match="The machine build-n3 has no running agent"):
        swarm_of(Manager([agent("n1", "1"), agent("n2", "2")]), options).ask_all(lambda _: 1)


def test_start_is_told_all_of_them(options: SwarmOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm = swarm_of(Manager([agent(id_, "10.0.1.4") for id_ in NODES]), options)

    @contextmanager
    def connected(*_: Any, **__: Any) -> Iterator[Swarm]:
        yield swarm

    blocked: list[str] = []

    def provision(engine: DockerProvisioner, spec: WorkspaceSpec, log: Any) -> Workspace:
        blocked.extend(engine._options.blocked_networks)
        return Workspace(spec.workspace_name, None, None, {})

    monkeypatch.setattr(provisioner, "connect_manager", connected)
    monkeypatch.setattr(provisioner, "hold_place", lambda *_: swarm.nodes["n1"])
    monkeypatch.setattr(DockerProvisioner, "provision", provision)
    engine = provisioner.SwarmProvisioner(options)
    workspace = engine.provision(make_spec(), LogLines())
    assert {*NODES.values(), "198.51.100.0/25"} <= {*blocked}
    assert workspace.state == {"node": "n1", "machine": "build-n1"}

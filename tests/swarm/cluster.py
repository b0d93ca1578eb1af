"""A swarm of three machines on this one, and a worker's place on its network."""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings
from docker import DockerClient
from docker.models.containers import Container

from operations.provisioners.docker.files.volume import store_name
from operations.provisioners.docker.naming import PLATFORM_LABEL
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.swarm.agents import AGENT_PORT, agent_addresses
from operations.provisioners.swarm.options import SwarmOptions
from tests.operations.provisioners.docker.conftest import EDITOR, HELPER
from tests.services import wait_until

SCRIPT = Path(__file__).with_name("machines")
STATE = Path("/var/tmp/takehome-swarm")
ADDRESSES = {"m1": "172.29.8.2", "m2": "172.29.8.3", "m3": "172.29.8.4"}
# The one that the tests never take away.
MANAGER = "m1"
NETWORK = "test-agents"
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Cluster:
    """The machines m1, which is the manager, m2 and m3."""

    def __init__(self, certificates: Path) -> None:
        self.certificates = certificates
        self.engines: dict[str, DockerClient] = {}
        self.said = ""

    @property
    def manager(self) -> DockerClient:
        return self.engines[MANAGER]

    def start(self) -> None:
        """Start all machines, and set them up as the one who hosts the platform does."""
        for name in ADDRESSES:
            self.start_machine(name)
        address = ADDRESSES[MANAGER]
        self.manager.swarm.init(advertise_addr=address, listen_addr=f"{address}:2377")
        token = self.manager.swarm.attrs["JoinTokens"]["Worker"]
        for name in ADDRESSES.keys() - {MANAGER}:
            self.engines[name].swarm.join([f"{address}:2377"], token)
        run("load", HELPER, EDITOR)
        self.said = self.set_up()

    def start_machine(self, name: str) -> None:
        """Start a machine; one that was killed comes back with its disk."""
        url = run("start", name, ADDRESSES[name])
        self.engines[name] = DockerClient(base_url=url, version="auto", timeout=60)

    def set_up(self) -> str:
        """Run the command, and return what it says."""
        said = StringIO()
        with override_settings(
            SWARM_HOST=self.url(MANAGER),
            SWARM_NETWORK=NETWORK,
            SWARM_CERTIFICATES=str(self.certificates),
            DOCKER_HELPER_IMAGE=HELPER,
            TABLE_PREFIX="swarm-test-",
        ):
            # Few kernels of small virtual machines have IPsec.
            call_command("set_up_swarm", unencrypted=True, stdout=said)
        return said.getvalue()

    def url(self, name: str) -> str:
        return f"unix://{STATE}/{name}/docker.sock"

    def options(self, docker: DockerOptions) -> SwarmOptions:
        """Return the options of a platform with these of each engine."""
        return SwarmOptions(
            manager=replace(docker, host=self.url(MANAGER), host_setting="SWARM_HOST"),
            machine=docker,
            url="http://{node}:{port}/",
            network=NETWORK,
            certificates=self.certificates,
        )

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Let this thread, and those that it starts, be on the agents' network, as a worker is."""
        container = self._worker_container()
        pid = container.attrs["State"]["Pid"]
        holder = run("init", MANAGER)
        with in_network(Path(f"/proc/{holder}/root/proc/{pid}/ns/net")):
            yield

    def set_availability(self, name: str, availability: str) -> None:
        """Drain a machine, pause it, or have it take new work again: `active`."""
        node = self.manager.nodes.get(self.node_id(name))
        node.update({**node.attrs["Spec"], "Availability": availability})

    def set_label(self, name: str, label: str, value: str | None) -> None:
        """Set a label of a machine, or remove it."""
        node = self.manager.nodes.get(self.node_id(name))
        labels = {**node.attrs["Spec"].get("Labels", {}), label: value}
        kept = {key: text for key, text in labels.items() if text is not None}
        node.update({**node.attrs["Spec"], "Labels": kept})

    def node_id(self, name: str) -> str:
        return str(self.engines[name].info()["Swarm"]["NodeID"])

    def state_of(self, node_id: str) -> str:
        """Return what the manager says of a node, such as `down`."""
        return str(self.manager.nodes.get(node_id).attrs["Status"]["State"])

    def _is_ready(self, node_id: str) -> bool:
        return self.state_of(node_id) == "ready"

    def agents(self) -> dict[str, str]:
        """Return the address of each agent that runs, by the id of its node."""
        return agent_addresses(self.manager, NETWORK)

    def repair(self) -> None:
        """Bring all machines back, and wait until each has its agent."""
        for name in ADDRESSES:
            run("mend", name)
            if not run("init", name):
                self.start_machine(name)
        for name in ADDRESSES:
            is_back = partial(self._is_ready, self.node_id(name))
            wait_until(is_back, f"{name} is away.", 120)
            self.set_availability(name, "active")
        self.await_agents()

    def await_agents(self) -> None:
        """Wait until the agents of all machines can be reached from where this thread is."""

        def all_answer() -> bool:
            addresses = self.agents().values()
            return len(addresses) == len(ADDRESSES) and all(map(accepts, addresses))

        wait_until(all_answer, "An agent does not come back.", 120)

    def parts_of(self, platform: str) -> list[str]:
        """Return what the machines have of a platform, but for the volume that holds its disks."""
        filters = {"label": [f"{PLATFORM_LABEL}={platform}"]}
        found = [each["Spec"]["Name"] for each in self.manager.api.services(filters=filters)]
        for name, engine in self.engines.items():
            parts = [
                *(each["Names"][0] for each in engine.api.containers(all=True, filters=filters)),
                *(each["Name"] for each in engine.api.networks(filters=filters)),
                *(each["Name"] for each in engine.api.volumes(filters=filters)["Volumes"] or []),
            ]
            found += [f"{name}: {part}" for part in parts if part != store_name(platform)]
        return found

    def remove_stores(self, platform: str) -> None:
        """Remove the volumes that hold the disks of a platform."""
        for engine in self.engines.values():
            for volume in engine.volumes.list(filters={"name": store_name(platform)}):
                volume.remove()

    def _worker_container(self) -> Container:
        [*found] = self.manager.containers.list(filters={"name": "^test-worker$"})
        if not found:
            found = [
                self.manager.containers.run(
                    HELPER,
                    ["sleep", "infinity"],
                    name="test-worker",
                    network=NETWORK,
                    detach=True,
                    init=True,
                )
            ]
            found[0].reload()
        return found[0]


def accepts(address: str, port: int = AGENT_PORT) -> bool:
    """Return whether something accepts connections there, as seen from where this thread is."""
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def in_network(namespace: Path) -> Iterator[None]:
    """Move this thread into another network namespace, and back."""
    own = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    other = os.open(namespace, os.O_RDONLY)
    try:
        _enter(other)
        try:
            yield
        finally:
            _enter(own)
    finally:
        os.close(own)
        os.close(other)


def _enter(namespace: int) -> None:
    if LIBC.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns failed")


@cache
def own_network() -> int:
    """Return where this process was when this was called first: outside of all machines."""
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def run(*arguments: str) -> str:
    """Run the script with the machines, and return its output."""
    outside = ["nsenter", f"--net=/proc/{os.getpid()}/fd/{own_network()}"]
    result = subprocess.run(
        [*outside, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@contextmanager
def running_cluster(certificates: Path) -> Iterator[Cluster]:
    """A swarm; nothing is left of it, also if a test fails."""
    run("down")
    try:
        cluster = Cluster(certificates)
        cluster.start()
        yield cluster
    finally:
        for engine in cluster.engines.values():
            engine.close()
        run("down")

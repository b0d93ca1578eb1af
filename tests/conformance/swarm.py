"""The adapter of a Docker Swarm, on machines that are engines in namespaces of this one."""

import secrets
import socket
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from docker import DockerClient

from operations.provisioners.base import Provisioner, Workspace
from operations.provisioners.docker import naming
from operations.provisioners.docker.options import EDITOR_PORT, DockerOptions
from operations.provisioners.docker.workspace_container import HEALTH_PATH
from operations.provisioners.health_probe import is_answering
from operations.provisioners.swarm.places import list_places
from operations.provisioners.swarm.provisioner import SwarmProvisioner
from tests.conformance.adapter import Adapter
from tests.conformance.docker import CONNECT, OUTSIDE, OUTSIDE_HOST, DockerAdapter
from tests.operations.provisioners.docker.conftest import run_inside
from tests.services import wait_until
from tests.swarm.cluster import MANAGER, Cluster, in_network, run


class SwarmAdapter(DockerAdapter):
    def __init__(self, cluster: Cluster, options: DockerOptions, folder: Path) -> None:
        self._cluster = cluster
        super().__init__(cluster.manager, options, folder)

    def another_worker(self) -> Provisioner:
        return SwarmProvisioner(self._cluster.options(self._options))

    def another_platform(self) -> Adapter:
        platform = f"{self._options.platform}{secrets.token_hex(2)}-"
        return SwarmAdapter(self._cluster, replace(self._options, platform=platform), self.folder)

    def engine_of(self, name: str) -> DockerClient:
        return self._cluster.engines[self.machine_of(name)]

    def machine_of(self, name: str) -> str:
        """Return the machine that has the workspace's editor."""
        editor = self._names(name).editor
        [machine] = [
            machine
            for machine, engine in self._cluster.engines.items()
            # One that was killed does not answer.
            if run("init", machine)
            and engine.api.containers(all=True, filters={"name": f"^{editor}$"})
        ]
        return machine

    def reaches_others(self, names: Collection[str]) -> list[bool]:
        return [self._reaches_outside(name) for name in names]

    def _reaches_outside(self, name: str) -> bool:
        # Made only now: a workspace refuses the addresses that its machine had at its start.
        machine = self.machine_of(name)
        network = self._cluster.engines[machine].networks.create(
            f"{self._options.platform}outside",
            ipam={"Config": [{"Subnet": OUTSIDE}]},  # type: ignore[arg-type]
        )
        try:
            with in_network(Path("/run/netns") / machine):
                server = socket.create_server((OUTSIDE_HOST, 0))
            with server:
                port = str(server.getsockname()[1])
                return run_inside(self._editor(name), CONNECT, OUTSIDE_HOST, port) == "open"
        finally:
            network.remove()

    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        url = urlsplit(str(neighbour.url))
        published = (str(url.hostname), int(url.port or 0))
        assert is_answering(*published, HEALTH_PATH), "Nobody reaches it."
        networks = self._sidecar(neighbour.id).attrs["NetworkSettings"]["Networks"]
        [inside] = [network["IPAddress"] for network in networks.values()]
        return any(
            run_inside(self._editor(name), CONNECT, host, str(port)) == "open"
            for host, port in (published, (inside, EDITOR_PORT))
        )

    def on_mortal_machines(self) -> Provisioner:
        options = self._cluster.options(self._options)
        return SwarmProvisioner(replace(options, constraints=(f"node.hostname!={MANAGER}",)))

    def lose_machine(self, name: str) -> None:
        machine = self.machine_of(name)
        node = self._cluster.node_id(machine)
        run("cut", machine)
        # Swarm needs three heartbeats of about five seconds.
        wait_until(lambda: self._cluster.state_of(node) == "down", "It is not missed.", 90)

    def bring_machine_back(self) -> None:
        self._cluster.repair()

    def remove_all(self) -> None:
        Adapter.remove_all(self)
        assert not list_places(self._client, self._options.platform)
        label = f"{naming.PLATFORM_LABEL}={self._options.platform}"
        for engine in self._cluster.engines.values():
            for volume in engine.volumes.list(filters={"label": label}):
                volume.remove()

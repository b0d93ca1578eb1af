"""What one call of the provisioner asks a manager of the swarm, and the engines it leads to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from docker import DockerClient
from docker.errors import NotFound

from operations.provisioners.base import MachineDownError, ProvisionError
from operations.provisioners.docker.engine import TIMEOUT_SECONDS, connect
from operations.provisioners.docker.options import EngineTls
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.docker.sidecar import addresses_of
from operations.provisioners.swarm.agents import (
    AGENT_NAME,
    AGENT_PORT,
    agent_addresses,
    agent_service,
)
from operations.provisioners.swarm.certificates import CA, WORKER, WORKER_KEY
from operations.provisioners.swarm.lost_machines import machine_down
from operations.provisioners.swarm.nodes import Node, parse_node
from operations.provisioners.swarm.options import SwarmOptions

# So many machines are asked at the same time.
MAX_THREADS = 8

Answer = TypeVar("Answer")


class Swarm:
    """A swarm as a manager describes it. Everything is read once, when it is needed first."""

    def __init__(self, client: DockerClient, options: SwarmOptions, step: str) -> None:
        self.client = client
        self._options = options
        self._step = step

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The machines by their id, those that are down too."""
        return {node["ID"]: parse_node(node) for node in self.client.api.nodes()}

    def engine_on(self, node: Node, *, is_to_start: bool = False) -> DockerProvisioner:
        """Return the provisioner of one machine's engine.

        Only one that `is_to_start` workspaces knows all addresses that these may not reach, which
        takes another call.

        Raises:
            MachineDownError: if the machine is down.
            ProvisionError: if it is drained, or has no agent.
        """
        if node.is_down:
            raise self.machine_down(node)
        if not node.is_ready:
            raise ProvisionError(self._step, f"The machine {node.hostname} is {node.condition}.")
        if not node.has_agent:
            raise ProvisionError(
                self._step,
                f"The machine {node.hostname} is drained, so its agent doesn't run. Its workspaces "
                f"go on: docker node update --availability active {node.hostname} lets the "
                "platform check, save and end them again.",
            )
        address = self._agents.get(node.id)
        if address is None:
            service = agent_service(self._options.network)
            raise ProvisionError(
                self._step,
                f"The machine {node.hostname} has no running agent: docker service ps {service} "
                "says why. If there is no such service, run manage.py set_up_swarm.",
            )
        machine = self._options.machine
        refused = self._refused if is_to_start else ()
        return DockerProvisioner(
            replace(
                machine,
                host=f"tcp://{address}:{AGENT_PORT}",
                tls=self._tls,
                machine=node.hostname,
                url=self._options.machine_url(node.host, node.address),
                publish_address=self._options.publish_address(node.address),
                checked_at=node.address,
                blocked_networks=(*machine.blocked_networks, *refused),
            )
        )

    def machine_down(self, node: Node) -> MachineDownError:
        """Return the error for what is on a machine that is down."""
        patience = self._options.machine_patience
        return machine_down(self.client, self.nodes.values(), node, patience, self._step)

    def ask_all(self, question: Callable[[DockerProvisioner], Answer]) -> list[tuple[Node, Answer]]:
        """Ask the engines of all machines that have an agent, several at the same time.

        Raises:
            ProvisionError: if one of them does not answer.
        """
        nodes = [node for node in self.nodes.values() if node.has_agent]
        engines = [self.engine_on(node) for node in nodes]
        with ThreadPoolExecutor(MAX_THREADS) as threads:
            return list(zip(nodes, threads.map(question, engines), strict=True))

    @cached_property
    def _agents(self) -> dict[str, str]:
        return agent_addresses(self.client, self._options.network)

    @cached_property
    def _tls(self) -> EngineTls:
        folder = self._options.certificates
        files = (folder / CA, folder / WORKER, folder / WORKER_KEY)
        for file in files:
            if not file.is_file():
                raise ProvisionError(
                    self._step,
                    f"SWARM_CERTIFICATES has no file {file.name}: manage.py set_up_swarm makes "
                    "it on a manager, and each worker needs it.",
                )
        ca, certificate, key = map(str, files)
        return EngineTls(ca, certificate, key, AGENT_NAME)

    @cached_property
    def _refused(self) -> tuple[str, ...]:
        """The addresses of all machines and of the agents: no workspace may reach them."""
        try:
            network = self.client.api.inspect_network(self._options.network)
        except NotFound:
            raise ProvisionError(
                self._step,
                f"The swarm has no network {self._options.network}. Run manage.py set_up_swarm.",
            ) from None
        subnets = [each["Subnet"] for each in network["IPAM"]["Config"] or []]
        hosts = {host for node in self.nodes.values() for host in (node.address, node.host)}
        addresses = [address for host in sorted(hosts) for address in addresses_of(host)]
        return (*(subnet for subnet in subnets if ":" not in subnet), *addresses)


@contextmanager
def connect_manager(
    options: SwarmOptions, step: str, *, timeout_seconds: int = TIMEOUT_SECONDS
) -> Iterator[Swarm]:
    """Yield the swarm for one call of the provisioner.

    Raises:
        ProvisionError: of that step, if the manager or the block fails.
    """
    with connect(options.manager, step, timeout_seconds=timeout_seconds) as client:
        yield Swarm(client, options, step)

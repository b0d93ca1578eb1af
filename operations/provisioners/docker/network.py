"""Find and create the network of a workspace, a small subnet of its own."""

import random
from collections.abc import Iterator
from ipaddress import IPv4Network

from docker import DockerClient
from docker.errors import APIError
from docker.models.networks import Network

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.errors import engine_message
from operations.provisioners.docker.naming import ENDS_AT_LABEL, Names
from operations.provisioners.docker.options import SUBNET_PREFIX

MAX_SUBNET_ATTEMPTS = 20


def find_network(client: DockerClient, names: Names) -> Network | None:
    """Return the workspace's network, or None if there is none.

    Raises:
        ProvisionError: if a foreign network has its name.
    """
    for network in client.networks.list(names=[names.editor]):
        if network.name == names.editor:
            names.check_ownership("network", network.attrs.get("Labels"), "start")
            return network
    return None


def create_network(client: DockerClient, names: Names, pool: IPv4Network, ends_at: str) -> Network:
    """Create the workspace's network with a subnet of `pool` that no other network uses.

    Raises:
        ProvisionError: if no subnet is free.
    """
    reason = ""
    for subnet in _free_subnets(client, pool):
        try:
            return client.networks.create(
                names.editor,
                driver="bridge",
                ipam={"Config": [{"Subnet": str(subnet)}]},  # type: ignore[arg-type]
                labels=names.labels(**{ENDS_AT_LABEL: ends_at}),
                check_duplicate=True,
            )
        except APIError as error:
            reason = engine_message(error)
            if "overlap" not in reason.lower():
                raise
    raise ProvisionError("start", f"No network is free in DOCKER_SUBNETS={pool}. {reason}".strip())


def _free_subnets(client: DockerClient, pool: IPv4Network) -> Iterator[IPv4Network]:
    taken = [
        IPv4Network(config["Subnet"])
        for network in client.networks.list()
        for config in network.attrs["IPAM"]["Config"] or []
        if ":" not in config.get("Subnet", ":")
    ]
    count = 2 ** (SUBNET_PREFIX - pool.prefixlen)
    attempts = 0
    # A random order, so that concurrent starts do not try the same subnet.
    for number in random.sample(range(count), count):
        address = int(pool.network_address) + number * 2 ** (32 - SUBNET_PREFIX)
        subnet = IPv4Network((address, SUBNET_PREFIX))
        if not any(subnet.overlaps(other) for other in taken):
            yield subnet
            attempts += 1
        if attempts == MAX_SUBNET_ATTEMPTS:
            return

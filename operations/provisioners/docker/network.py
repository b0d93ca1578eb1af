"""A workspace's own network, and the rules of what may be reached from it.

The rules are nftables rules inside the workspace's network namespace, which its programs have no
right to change. So they hold whatever firewall the engine's machine has, and go with the workspace.
"""

import random
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, collapse_addresses

from docker import DockerClient
from docker.errors import APIError
from docker.models.networks import Network

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.errors import said
from operations.provisioners.docker.naming import ENDS_AT, Names
from operations.provisioners.docker.options import SUBNET_PREFIX

PORT = 8080
"""Where the editor listens within its network."""

TRIES = 20

# The engine's machine has a table of all connections, of some 260,000, in which each stays for two
# minutes after its end: one workspace must not fill it for all.
CONNECTIONS, RATE, BURST = 4096, 100, 1000

RULES = """\
table inet takehome {{
    chain incoming {{
        type filter hook input priority 0; policy drop;
        iif "lo" accept
        ct state established,related accept
        tcp dport {port} accept
    }}
    chain outgoing {{
        type filter hook output priority 0; policy drop;
        oif "lo" accept
        ct state established,related accept
        ct state new ct count over {connections} reject
        ct state new limit rate over {rate}/second burst {burst} packets reject
        {to_names}
        ip daddr {{ {refused} }} reject with icmp type admin-prohibited
        {to_internet}
        meta nfproto ipv4 reject with icmp type admin-prohibited
        reject with icmpv6 type admin-prohibited
    }}
}}
"""
# The engine's own name server asks from within the namespace, as root, which no program of the
# workspace is; whom it asks may well be at a private address.
TO_NAMES = "meta skuid 0 meta l4proto { tcp, udp } th dport 53 accept"
TO_INTERNET = "meta nfproto ipv4 accept"


def rules(*, internet: bool, refused: Sequence[str]) -> str:
    """What nft reads: nothing comes in but to the editor, and out goes what the settings allow."""
    ranges = ", ".join(str(network) for network in _merged(refused))
    return RULES.format(
        port=PORT,
        connections=CONNECTIONS,
        rate=RATE,
        burst=BURST,
        refused=ranges,
        to_names=TO_NAMES if internet else "",
        to_internet=TO_INTERNET if internet else "",
    )


def find(client: DockerClient, names: Names) -> Network | None:
    """The workspace's network, if there is one; ProvisionError where it is somebody else's."""
    for network in client.networks.list(names=[names.editor]):
        if network.name == names.editor:
            names.check_ours("network", network.attrs.get("Labels"), "start")
            return network
    return None


def make(client: DockerClient, names: Names, pool: IPv4Network, ends_at: str) -> Network:
    """A network of a small range of `pool` that no other network has. ProvisionError: none is."""
    reason = ""
    for subnet in _free(client, pool):
        try:
            return client.networks.create(
                names.editor,
                driver="bridge",
                ipam={"Config": [{"Subnet": str(subnet)}]},  # type: ignore[arg-type]
                labels=names.labels(**{ENDS_AT: ends_at}),
                check_duplicate=True,
            )
        except APIError as error:
            reason = said(error)
            if "overlap" not in reason.lower():
                raise
    raise ProvisionError("start", f"No network is free in DOCKER_SUBNETS={pool}. {reason}".strip())


def _free(client: DockerClient, pool: IPv4Network) -> Iterator[IPv4Network]:
    taken = [
        IPv4Network(config["Subnet"])
        for network in client.networks.list()
        for config in network.attrs["IPAM"]["Config"] or []
        if ":" not in config.get("Subnet", ":")
    ]
    count = 2 ** (SUBNET_PREFIX - pool.prefixlen)
    found = 0
    # In any order: two that begin at once do not ask for the same.
    for number in random.sample(range(count), count):
        at = int(pool.network_address) + number * 2 ** (32 - SUBNET_PREFIX)
        subnet = IPv4Network((at, SUBNET_PREFIX))
        if not any(subnet.overlaps(other) for other in taken):
            yield subnet
            found += 1
        if found == TRIES:
            return


def _merged(refused: Sequence[str]) -> list[IPv4Network]:
    """Without what lies in another one: nft refuses ranges that overlap."""
    return list(collapse_addresses(IPv4Network(network) for network in refused))

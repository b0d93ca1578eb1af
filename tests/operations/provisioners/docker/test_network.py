"""The firewall's rules, and the choice of a free subnet."""

from ipaddress import IPv4Network
from typing import Any

from operations.provisioners.docker import firewall, network
from operations.provisioners.docker.options import NON_PUBLIC_NETWORKS


def test_rules_allow_only_public_networks() -> None:
    rules = firewall.firewall_rules(
        internet=True, blocked_networks=[*NON_PUBLIC_NETWORKS, "192.0.2.2", "10.9.8.7"]
    )
    # nft would reject the whole ruleset if ranges overlapped.
    assert "10.0.0.0/8" in rules and "10.9.8.7" not in rules and "192.0.2.2/32" in rules
    assert rules.index("reject") < rules.index(firewall.ALLOW_INTERNET)
    # Endless DNS queries fill the machine's connection table, too.
    assert rules.index("limit rate over") < rules.index(firewall.ALLOW_DNS)
    assert rules.index("ct count over") < rules.index(firewall.ALLOW_DNS)
    closed = firewall.firewall_rules(internet=False, blocked_networks=NON_PUBLIC_NETWORKS)
    assert firewall.ALLOW_INTERNET not in closed and "dport 53" not in closed


class FakeEngine:
    """An engine with these networks."""

    def __init__(self, *subnets: str) -> None:
        self.networks = self
        self._subnets = subnets

    def list(self) -> list[Any]:
        class Network:
            def __init__(self, config: Any) -> None:
                self.attrs = {"IPAM": {"Config": config}}

        return [Network([{"Subnet": subnet}]) for subnet in self._subnets] + [Network(None)]


def test_only_free_subnets_of_the_pool_are_used() -> None:
    engine: Any = FakeEngine("10.213.0.0/29", "10.213.0.16/29", "fd00::/64")
    pool = IPv4Network("10.213.0.0/27")
    found = {str(subnet) for subnet in network._free_subnets(engine, pool)}
    assert found == {"10.213.0.8/29", "10.213.0.24/29"}

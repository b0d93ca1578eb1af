"""The choice of a free subnet."""

from ipaddress import IPv4Network
from typing import Any

from operations.provisioners.docker import network


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

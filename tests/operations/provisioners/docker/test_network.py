"""The network of a workspace: found again, or created on a free subnet."""

from collections.abc import Sequence
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import naming, network

NAMES = naming.names_of("default", "int-1")


def network_of(
    *subnets: str, name: str = "", labels: dict[str, str] | None = None
) -> SimpleNamespace:
    config = [{"Subnet": subnet} for subnet in subnets] or None
    return SimpleNamespace(name=name, attrs={"IPAM": {"Config": config}, "Labels": labels})


class FakeEngine:
    """An engine with these networks, which refuses to create some more with these sentences."""

    def __init__(self, *networks: SimpleNamespace, refusals: Sequence[str] = ()) -> None:
        self.networks = self
        self.created: list[dict[str, Any]] = []
        self._networks = networks
        self._refusals = list(refusals)

    def list(self, names: Sequence[str] = ("",)) -> list[SimpleNamespace]:
        """Those with one of these texts in their name, as an engine does it."""
        return [each for each in self._networks if any(name in each.name for name in names)]

    def create(self, name: str, **options: Any) -> str:
        if self._refusals:
            raise APIError("403 Client Error", explanation=self._refusals.pop(0))
        self.created.append({"name": name} | options)
        return "the new network"


def create(engine: Any, pool: str = "10.213.0.0/29") -> object:
    return network.create_network(engine, NAMES, IPv4Network(pool), "2030-01-02T03:04:05+00:00")


def test_network_is_found_by_its_whole_name() -> None:
    longer = network_of(name="workspace-int-12", labels=NAMES.labels())
    own: Any = network_of(name="workspace-int-1", labels=NAMES.labels())
    engine: Any = FakeEngine(longer, own)
    assert network.find_network(engine, NAMES) is own
    engine = FakeEngine(longer)
    assert network.find_network(engine, NAMES) is None


def test_foreign_network_of_that_name_is_refused() -> None:
    engine: Any = FakeEngine(network_of(name="workspace-int-1"))
    with pytest.raises(ProvisionError) as refused:
        network.find_network(engine, NAMES)
    assert str(refused.value) == (
        "start: The engine has a network named workspace-int-1 that is not this platform's. "
        "Remove or rename it."
    )


def test_network_is_created_with_its_subnet_and_its_end() -> None:
    engine: Any = FakeEngine()
    assert create(engine) == "the new network"
    assert engine.created == [
        {
            "name": "workspace-int-1",
            "driver": "bridge",
            "ipam": {"Config": [{"Subnet": "10.213.0.0/29"}]},
            "labels": NAMES.labels(**{naming.ENDS_AT_LABEL: "2030-01-02T03:04:05+00:00"}),
            "check_duplicate": True,
        }
    ]


def test_subnet_that_was_taken_meanwhile_is_left_to_its_owner() -> None:
    engine: Any = FakeEngine(refusals=["Pool overlaps with other one on this address space"])
    assert create(engine, "10.213.0.0/28") == "the new network"


def test_other_refusal_of_the_engine_is_passed_on() -> None:
    engine: Any = FakeEngine(refusals=["could not find an available address pool"])
    with pytest.raises(APIError):
        create(engine, "10.213.0.0/28")


@pytest.mark.parametrize(
    ("taken", "refusals", "reason"),
    [
        ("10.213.0.0/16", [], ""),
        ("10.9.0.0/16", ["Pool overlaps with another"], " Pool overlaps with another"),
    ],
)
def test_full_pool_is_reported(taken: str, refusals: list[str], reason: str) -> None:
    with pytest.raises(ProvisionError) as refused:
        create(FakeEngine(network_of(taken), refusals=refusals))
    assert str(refused.value) == (
        f"start: No network is free in DOCKER_SUBNETS=10.213.0.0/29.{reason}"
    )


def test_only_free_subnets_of_the_pool_are_used() -> None:
    taken = [network_of("10.213.0.0/29"), network_of("fd00::/64", "10.213.0.16/29"), network_of()]
    taken.append(SimpleNamespace(attrs={"IPAM": {"Config": [{"Gateway": "10.213.0.1"}]}}, name=""))
    engine: Any = FakeEngine(*taken)
    found = {str(subnet) for subnet in network._free_subnets(engine, IPv4Network("10.213.0.0/26"))}
    assert found == {f"10.213.0.{last}/29" for last in (8, 24, 32, 40, 48, 56)}


def test_twenty_free_subnets_are_tried() -> None:
    engine: Any = FakeEngine()
    found = list(network._free_subnets(engine, IPv4Network("10.213.0.0/16")))
    assert len(set(found)) == 20

"""Every engine keeps every rule of the contract; `python -m tests.conformance` makes a table of it.

A new engine is an adapter and a line in `ADAPTERS`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from operations.provisioners.base import ProvisionError
from tests.conformance.adapter import Adapter
from tests.conformance.docker import DockerAdapter
from tests.conformance.kubernetes import KubernetesAdapter
from tests.conformance.local import LocalAdapter
from tests.conformance.memory import MemoryAdapter
from tests.conformance.rules import RULES
from tests.conformance.swarm import SwarmAdapter
from tests.kubernetes.cluster import running_cluster
from tests.operations.provisioners.docker.conftest import client, images, own_options
from tests.swarm.conftest import cluster

__all__ = ["client", "cluster", "images"]  # fixtures


@contextmanager
def fake(folder: Path, request: pytest.FixtureRequest) -> Iterator[Adapter]:
    yield MemoryAdapter(folder)


@contextmanager
def local(folder: Path, request: pytest.FixtureRequest) -> Iterator[Adapter]:
    yield LocalAdapter(folder)


@contextmanager
def docker(folder: Path, request: pytest.FixtureRequest) -> Iterator[Adapter]:
    request.getfixturevalue("images")
    client = request.getfixturevalue("client")
    with own_options(client, memory_mb=256) as options:
        yield DockerAdapter(client, options, folder)


@contextmanager
def swarm(folder: Path, request: pytest.FixtureRequest) -> Iterator[Adapter]:
    cluster = request.getfixturevalue("cluster")
    with cluster.worker(), own_options(cluster.manager, memory_mb=256) as options:
        yield SwarmAdapter(cluster, options, folder)


@contextmanager
def kubernetes(folder: Path, request: pytest.FixtureRequest) -> Iterator[Adapter]:
    with running_cluster(folder) as cluster:
        yield KubernetesAdapter(cluster, folder)


# What the engines need that not every machine has.
MARKS = {"docker": pytest.mark.docker, "swarm": pytest.mark.swarm}
ADAPTERS: list[Callable[[Path, pytest.FixtureRequest], AbstractContextManager[Adapter]]] = [
    fake,
    local,
    docker,
    swarm,
    kubernetes,
]


@pytest.fixture(
    params=[
        pytest.param(make, id=make.__name__, marks=MARKS.get(make.__name__, ()))
        for make in ADAPTERS
    ]
)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapter]:
    with request.param(tmp_path, request) as adapter:
        try:
            yield adapter
        finally:
            adapter.remove_all()


@pytest.mark.parametrize("name", RULES)
def test_engine_keeps_the_rule(
    adapter: Adapter, name: str, record_property: Callable[[str, object], None]
) -> None:
    if note := adapter.unproven.get(name) or RULES[name].check(adapter):
        record_property("not asked", note)
    assert [error for error in adapter.errors if not isinstance(error, ProvisionError)] == []

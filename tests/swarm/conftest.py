"""One swarm for all tests, which must run in one process."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from operations.provisioners.base import Workspace
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.swarm.provisioner import SwarmProvisioner
from tests.operations.provisioners.docker.conftest import EDITOR, HELPER, client, images
from tests.swarm.cluster import Cluster, running_cluster

__all__ = ["client", "images"]  # fixtures

Engines = Callable[..., SwarmProvisioner]


CLUSTER = pytest.StashKey[Cluster]()


@pytest.fixture(scope="session")
def cluster(
    images: None, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Cluster:
    """The same one in every module that imports this fixture, until the end of the run."""
    if CLUSTER not in pytestconfig.stash:
        stack = ExitStack()
        pytestconfig.add_cleanup(stack.close)
        certificates = tmp_path_factory.mktemp("certificates")
        pytestconfig.stash[CLUSTER] = stack.enter_context(running_cluster(certificates))
    return pytestconfig.stash[CLUSTER]


@pytest.fixture
def engines(cluster: Cluster) -> Iterator[Engines]:
    """Call it with the constraints of a provisioner, and with options of its engines.

    All are of one platform, of which nothing is left at the end.
    """
    docker = DockerOptions(
        host="",
        image=EDITOR,
        helper_image=HELPER,
        url="",
        platform=f"test-{secrets.token_hex(4)}-",
        cpus=0.2,
        memory_mb=128,
        disk_mb=32,
    )

    def make(*constraints: str, **changes: Any) -> SwarmProvisioner:
        options = cluster.options(replace(docker, **changes))
        return SwarmProvisioner(replace(options, constraints=constraints))

    with cluster.worker():
        yield make
        cluster.repair()
        engine = make()
        for owned in engine.list_owned():
            engine.destroy(Workspace(owned.id, None, None, {}), lambda line: None)
        assert cluster.parts_of(docker.platform) == []
        cluster.remove_stores(docker.platform)

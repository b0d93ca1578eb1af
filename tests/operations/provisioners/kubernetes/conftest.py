"""A simulated cluster for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from operations.provisioners.base import Workspace, WorkspaceSpec
from operations.provisioners.kubernetes import naming, start, waiting
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from tests.kubernetes.cluster import Cluster, running_cluster
from tests.operations.provisioners.conftest import PASSWORD, LogLines
from tests.services import wait_until

FILES = {"README.md": b"# The task\n", "src/main.py": b"print(1)\n"}
NAME = "takehome-1"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def engine(cluster: Cluster) -> KubernetesProvisioner:
    return cluster.engine()


@contextmanager
def giving_up_soon(name: str) -> Iterator[None]:
    """What is waited for so long at most never comes in the block."""
    module = waiting if hasattr(waiting, name) else start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, 0.2)
        yield


def spec(name: str = NAME, **fields: Any) -> WorkspaceSpec:
    defaults: dict[str, Any] = {
        "workspace_name": name,
        "password": PASSWORD,
        "files": FILES,
        "ends_at": datetime.now(UTC) + timedelta(hours=1),
    }
    return WorkspaceSpec(**defaults | fields)


def start_workspace(
    engine: KubernetesProvisioner, workspace_spec: WorkspaceSpec | None = None
) -> Workspace:
    """Provision a workspace and wait until its editor answers."""
    workspace = engine.provision(workspace_spec or spec(), LogLines())
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.", 60)
    return workspace


def pod_name(cluster: Cluster, name: str = NAME) -> str:
    return naming.names_of(cluster.options.platform, name).base


def contents(engine: KubernetesProvisioner, workspace: Workspace) -> dict[str, bytes | None]:
    """What a look at all files finds."""
    with engine.look_at_files(workspace, 0, ()) as look:
        return {file.path.decode(): file.content for file in look.files}

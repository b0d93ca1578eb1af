"""A real Docker engine for tests: images of their own, and workspaces that are all removed."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container

from operations.provisioners.base import Workspace, WorkspaceSpec
from operations.provisioners.docker import naming
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import PASSWORD, Lines
from tests.services import wait_until

HOST = "unix:///var/run/docker.sock"
IMAGES = Path(__file__).with_name("images")
HELPER, EDITOR = "takehome-test-helper", "takehome-test-editor"


@pytest.fixture(scope="session")
def client() -> Iterator[DockerClient]:
    client = DockerClient(base_url=HOST, version="auto", timeout=120)
    yield client
    client.close()


@pytest.fixture(scope="session")
def images(client: DockerClient) -> None:
    """Built from the base images that the engine has."""
    for tag, name in ((HELPER, "helper.Dockerfile"), (EDITOR, "editor.Dockerfile")):
        _, lines = client.images.build(path=str(IMAGES), dockerfile=name, tag=tag, rm=True)
        list(lines)


@pytest.fixture
def options(images: None, client: DockerClient) -> Iterator[DockerOptions]:
    """Of a platform of the test's own, of which nothing is left after it."""
    made = DockerOptions(
        host=HOST,
        image=EDITOR,
        helper_image=HELPER,
        url="http://127.0.0.1:{port}/",
        platform=f"test-{secrets.token_hex(4)}-",
        disk_mb=32,
        memory_mb=256,
        cpus=1,
    )
    yield made
    engine = DockerProvisioner(made)
    for owned in engine.list_owned():
        engine.destroy(Workspace(owned.id, None, None, {}), lambda line: None)
    for volume in client.volumes.list(filters={"label": f"takehome.platform={made.platform}"}):
        volume.remove()


@pytest.fixture
def engine(options: DockerOptions) -> DockerProvisioner:
    return DockerProvisioner(options)


def other(options: DockerOptions, **changes: Any) -> DockerProvisioner:
    """The same platform, with other settings."""
    return DockerProvisioner(replace(options, **changes))


def spec(id_: str = "takehome-1", **fields: Any) -> WorkspaceSpec:
    wanted: dict[str, Any] = {
        "workspace_name": id_,
        "password": PASSWORD,
        "files": {"README.md": b"# The task\n", "src/main.py": b"print(1)\n"},
        "ends_at": datetime.now(UTC) + timedelta(hours=1),
    }
    return WorkspaceSpec(**wanted | fields)


def up(
    engine: DockerProvisioner, wanted: WorkspaceSpec | None = None, seconds: float = 60
) -> Workspace:
    """A workspace that answers."""
    workspace = engine.provision(wanted or spec(), Lines())
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.", seconds)
    return workspace


def editor(client: DockerClient, options: DockerOptions, id_: str = "takehome-1") -> Container:
    return client.containers.get(naming.names_of(options.platform, id_).editor)


def gate(client: DockerClient, options: DockerOptions, id_: str = "takehome-1") -> Container:
    return client.containers.get(naming.names_of(options.platform, id_).sidecar)


def inside(container: Container, program: str, *arguments: str) -> str:
    """What a Python program says that runs in the workspace, as the candidate would run it."""
    code, output = container.exec_run(["python3", "-c", program, *arguments])
    assert isinstance(output, bytes)
    text = output.decode(errors="replace").strip()
    assert code == 0, text
    return text

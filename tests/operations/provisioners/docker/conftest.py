"""A real Docker engine with test images; the fixtures remove all workspaces after each test."""

import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.operations.provisioners.conftest import PASSWORD, LogLines
from tests.services import wait_until

HOST = "unix:///var/run/docker.sock"
IMAGES = Path(__file__).with_name("images")
HELPER, EDITOR = "takehome-test-helper", "takehome-test-editor"
# A program for run_inside: its arguments are a path and the text to write.
WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"


@pytest.fixture(scope="session")
def client() -> Iterator[DockerClient]:
    client = DockerClient(base_url=HOST, version="auto", timeout=120)
    yield client
    client.close()


@pytest.fixture(scope="session")
def images(client: DockerClient) -> None:
    """Build the test images from base images that the engine has."""
    for tag, name in ((HELPER, "helper.Dockerfile"), (EDITOR, "editor.Dockerfile")):
        _, lines = client.images.build(path=str(IMAGES), dockerfile=name, tag=tag, rm=True)
        list(lines)


@contextmanager
def own_options(client: DockerClient, **more: Any) -> Iterator[DockerOptions]:
    """Options with a platform of their own, whose volumes are removed at the end."""
    options = DockerOptions(
        host=HOST,
        image=EDITOR,
        helper_image=HELPER,
        url="http://127.0.0.1:{port}/",
        platform=f"test-{secrets.token_hex(4)}-",
        disk_mb=32,
        cpus=1,
        **more,
    )
    yield options
    for volume in client.volumes.list(filters={"label": f"takehome.platform={options.platform}"}):
        volume.remove()


@pytest.fixture
def options(images: None, client: DockerClient) -> Iterator[DockerOptions]:
    """Options with a platform of their own; everything of it is removed after the test."""
    with own_options(client, memory_mb=256) as options:
        yield options
        engine = DockerProvisioner(options)
        for owned in engine.list_owned():
            engine.destroy(Workspace(owned.id, None, None, {}), lambda line: None)


@pytest.fixture
def engine(options: DockerOptions) -> DockerProvisioner:
    return DockerProvisioner(options)


def other(options: DockerOptions, **changes: Any) -> DockerProvisioner:
    """Return a provisioner of the same platform with changed options."""
    return DockerProvisioner(replace(options, **changes))


def spec(id_: str = "takehome-1", **fields: Any) -> WorkspaceSpec:
    defaults: dict[str, Any] = {
        "workspace_name": id_,
        "password": PASSWORD,
        "files": {"README.md": b"# The task\n", "src/main.py": b"print(1)\n"},
        "ends_at": datetime.now(UTC) + timedelta(hours=1),
    }
    return WorkspaceSpec(**defaults | fields)


def start_workspace(
    engine: DockerProvisioner, workspace_spec: WorkspaceSpec | None = None, seconds: float = 60
) -> Workspace:
    """Provision a workspace and wait until its editor answers."""
    workspace = engine.provision(workspace_spec or spec(), LogLines())
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.", seconds)
    return workspace


def editor(client: DockerClient, options: DockerOptions, id_: str = "takehome-1") -> Container:
    return client.containers.get(naming.names_of(options.platform, id_).editor)


def sidecar(client: DockerClient, options: DockerOptions, id_: str = "takehome-1") -> Container:
    return client.containers.get(naming.names_of(options.platform, id_).sidecar)


# A busy engine may lose the output of a program that ends soon after its last line.
RUN = "import sys, time; code = sys.argv.pop(1); exec(code); sys.stdout.flush(); time.sleep(0.2)"


def run_inside(container: Container, program: str, *arguments: str) -> str:
    """Run a Python program in the workspace like a candidate, and return its output."""
    code, output = container.exec_run(["python3", "-c", RUN, program, *arguments])
    assert isinstance(output, bytes)
    text = output.decode(errors="replace").strip()
    assert code == 0, text
    return text


def archive_contents(path: Path) -> dict[str, bytes | str]:
    """Return name -> a file's content, a link's target, or 'folder'."""
    contents: dict[str, bytes | str] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = None if member.isdir() or member.issym() else archive.extractfile(member)
            if content is not None:
                contents[member.name] = content.read()
            else:
                contents[member.name] = f"-> {member.linkname}" if member.issym() else "folder"
    return contents

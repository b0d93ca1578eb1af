"""A look at the files of a running workspace on a real Docker engine."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.errors import NotFound

from operations.provisioners.base import ProvisionError, Workspace, WorkspaceGoneError
from operations.provisioners.docker.naming import names_of
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
    WRITE,
    editor,
    run_inside,
    sidecar,
    spec,
    start_workspace,
)

pytestmark = pytest.mark.docker

ODD_FILES = """
import os
os.chdir('/home/coder/project')
os.mkfifo('pipe')
os.symlink('/etc/shadow', 'link')
os.mkdir('.cache'); open('.cache/made', 'w').write('x')
open('secret', 'w').write('mine'); os.chmod('secret', 0o600)
open(b'caf\\xe9', 'w').write('latin'); os.chmod(b'caf\\xe9', 0o755)
"""


def looked(
    engine: DockerProvisioner, workspace: Workspace, since_ns: int = 0
) -> tuple[int, dict[bytes, Any]]:
    with engine.look_at_files(workspace, since_ns, []) as look:
        return look.started_ns, {file.path: file for file in look.files}


def test_a_look_reads_what_changed_and_leaves_no_container(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    workspace = start_workspace(engine)
    container = editor(client, options)
    run_inside(container, ODD_FILES)
    started_ns, files = looked(engine, workspace)
    assert {path: file.content for path, file in files.items()} == {
        b"README.md": b"# The task\n",
        b"src/main.py": b"print(1)\n",
        b"secret": b"mine",
        b"caf\xe9": b"latin",
        b"link": None,
    }
    assert files[b"link"].target == b"/etc/shadow"
    assert files[b"caf\xe9"].mode == 0o755
    # The margin for the clocks counts what was written a moment ago.
    run_inside(container, "import time; time.sleep(2.1)")
    later_ns, _ = looked(engine, workspace)
    run_inside(container, WRITE, "/home/coder/project/answer.txt", "42")
    _, files = looked(engine, workspace, later_ns)
    assert later_ns > started_ns
    changed = {path: file.content for path, file in files.items() if file.content is not None}
    assert changed == {b"answer.txt": b"42"}
    with pytest.raises(NotFound):
        client.containers.get(names_of(options.platform, "takehome-1").look)
    assert engine.is_ready(workspace)


def test_a_look_can_neither_write_nor_reach_anything(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    workspace = start_workspace(engine)
    with engine.look_at_files(workspace, 0, []) as look:
        container = client.containers.get(names_of(options.platform, "takehome-1").look)
        host = container.attrs["HostConfig"]
        assert container.attrs["Config"]["User"] == "1000"
        assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == (
            "none",
            True,
            ["ALL"],
        )
        volumes = [mount for mount in container.attrs["Mounts"] if mount["Type"] == "volume"]
        assert {(mount["Name"], mount["RW"]) for mount in volumes if not mount["RW"]} == {
            (names_of(options.platform, "takehome-1").editor, False)
        }
        assert len(list(look.files)) == 2


def test_a_look_at_a_workspace_that_is_gone_makes_nothing(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: LogLines
) -> None:
    workspace = start_workspace(engine)
    names = names_of(options.platform, "takehome-1")
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    with pytest.raises(ProvisionError, match="isn't running"):
        looked(engine, workspace)
    client.volumes.get(names.editor).remove()
    with pytest.raises(WorkspaceGoneError):
        engine.provision(spec(files=None), log)
    assert not client.volumes.list(filters={"name": names.editor})


def test_a_workspace_whose_disk_is_lost_starts_again_with_kept_files(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: LogLines,
) -> None:
    start_workspace(engine)
    names = names_of(options.platform, "takehome-1")
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    client.volumes.get(names.editor).remove()
    path = tmp_path / "files.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, mode, content in (("run.sh", 0o755, b"#!/bin/sh\n"), ("a.bin", 0o644, b"\0\xff")):
            info = tarfile.TarInfo(f"files/{name}")
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
    restart = spec(files=None, archive=path)
    workspace = start_workspace(engine, restart)
    _, files = looked(engine, workspace)
    assert {path: (file.content, file.mode) for path, file in files.items()} == {
        b"run.sh": (b"#!/bin/sh\n", 0o755),
        b"a.bin": (b"\0\xff", 0o644),
    }
    # Again, as after a worker that died: what the candidate wrote since stays.
    run_inside(editor(client, options), WRITE, "/home/coder/project/later.txt", "more")
    engine.provision(restart, log)
    _, files = looked(engine, workspace)
    assert files[b"later.txt"].content == b"more"

"""Exporting a workspace's files on a real Docker engine."""

from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.docker.conftest import (
    WRITE,
    archive_contents,
    editor,
    run_inside,
    sidecar,
    spec,
    start_workspace,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker


def test_reopened_workspace_gets_the_saved_files(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    first = start_workspace(engine)
    run_inside(editor(client, options), WRITE, "/home/coder/project/解答.py", "print(2)")
    path = tmp_path / "x.tar.gz"
    engine.export(first, path)
    start_workspace(engine, spec("takehome-1-2", files={}, archive=path))
    found = run_inside(
        editor(client, options, "takehome-1-2"),
        "import os; print(open('解答.py').read(), os.stat('解答.py').st_uid)",
    )
    assert found == "print(2) 1000"


def test_execute_bits_reach_the_workspace_the_archive_and_the_next_workspace(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    files = {"run.sh": b"#!/bin/sh\necho it runs\n", "notes.txt": b"x"}
    first = start_workspace(engine, spec(files=files, executable=frozenset({"run.sh"})))
    run = "import subprocess; print(subprocess.check_output('./run.sh', text=True))"
    assert run_inside(editor(client, options), run) == "it runs"
    made = "import os; open('made', 'w'); os.chmod('made', 0o700)"
    run_inside(editor(client, options), made)
    path = tmp_path / "x.tar.gz"
    engine.export(first, path)
    start_workspace(engine, spec("takehome-1-2", files={}, archive=path))
    modes = "import os; print(*sorted((n, oct(os.stat(n).st_mode & 0o777)) for n in os.listdir()))"
    assert run_inside(editor(client, options, "takehome-1-2"), modes) == (
        "('made', '0o700') ('notes.txt', '0o644') ('run.sh', '0o755')"
    )


def test_export_ends_every_process_before_packing(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    daemon = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(0), os.close(1), os.close(2)
        while True:
            open('/home/coder/project/clock', 'w').write(str(time.time()))
            time.sleep(0.01)
"""
    workspace = start_workspace(engine)
    editor(client, options).exec_run(["python3", "-c", daemon], detach=True)
    seen = "import os; print(os.path.exists('clock'))"
    wait_until(
        lambda: run_inside(editor(client, options), seen) == "True", "The daemon writes nothing"
    )
    engine.export(workspace, tmp_path / "1.tar.gz")
    engine.export(workspace, tmp_path / "2.tar.gz")
    assert archive_contents(tmp_path / "1.tar.gz") == archive_contents(tmp_path / "2.tar.gz")
    # The sidecar's own processes: init, its shell and the shell's sleep.
    assert len(sidecar(client, options).top()["Processes"]) <= 3


def test_export_excludes_tool_folders_and_keeps_hard_links(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    make = """
import os
os.makedirs('node_modules/x'), os.makedirs('a/.venv/y')
open('node_modules/x/main.js', 'w').write('content')
os.link('node_modules/x/main.js', 'kept.js')
open('z1', 'w').write('twice'); os.link('z1', 'z2')
os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe')
open(b'\\xff.txt', 'w').write('odd')
os.makedirs('deep/' * 40 + 'end'); os.chmod('z1', 0)
"""
    workspace = start_workspace(engine)
    run_inside(editor(client, options), make)
    engine.export(workspace, tmp_path / "x.tar.gz")
    found = archive_contents(tmp_path / "x.tar.gz")
    deep = {name for name in found if "deep" in name}
    assert len(deep) == 41
    assert {name.removeprefix("takehome-1/"): found[name] for name in found.keys() - deep} == {
        "README.md": b"# The task\n",
        "a": "folder",
        "kept.js": b"content",
        "link": "-> /etc/passwd",
        "src": "folder",
        "src/main.py": b"print(1)\n",
        "z1": b"twice",
        "z2": b"twice",
        "\udcff.txt": b"odd",
    }


def test_export_of_too_large_or_missing_files_is_an_error(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    workspace = start_workspace(engine)
    grow = "import os; [open(f'f{n}', 'wb').write(os.urandom(2**20)) for n in range(4)]"
    run_inside(editor(client, options), grow)
    monkeypatch.setattr("operations.provisioners.archive_writer.MAX_PACKED_BYTES", 2**20)
    with pytest.raises(ProvisionError, match=r"^save: 4\.0 MB of files do not fit into an archive"):
        engine.export(workspace, tmp_path / "x.tar.gz")
    start_workspace(engine)
    run_inside(editor(client, options), "import os; os.rename('../project', '../moved')")
    with pytest.raises(ProvisionError, match="its files' folder is not there any more"):
        engine.export(workspace, tmp_path / "x.tar.gz")
    assert list(tmp_path.glob("*.gz")) == [] and list(tmp_path.glob(".*")) == []

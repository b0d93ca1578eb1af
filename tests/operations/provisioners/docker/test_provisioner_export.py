"""Exporting a workspace's files on a real Docker engine."""

from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.docker.conftest import (
    archive_contents,
    editor,
    run_inside,
    sidecar,
    spec,
    start_workspace,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker


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
    engine.export(first, path, [])
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
    engine.export(workspace, tmp_path / "1.tar.gz", [])
    engine.export(workspace, tmp_path / "2.tar.gz", [])
    assert archive_contents(tmp_path / "1.tar.gz") == archive_contents(tmp_path / "2.tar.gz")
    # The sidecar's own processes: init, its shell and the shell's sleep.
    assert len(sidecar(client, options).top()["Processes"]) <= 3


def test_export_saves_the_folders_of_the_challenge_and_lists_what_it_leaves_out(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    # `build` has evidence only after it in the engine's stream.
    make = """
import os
for path in ('build/mine.py', 'build/made.jar', 'build.gradle', 'web/build/app.gradle', 'dist/x',
             'sub/build/libs/made.jar', 'sub/build.gradle', 'package.json', 'node_modules/a/x.js',
             '.venv/bin/python', '.venv/pyvenv.cfg', 'env/notes.txt'):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    open(path, 'a').write('mine')
name = 'd' * 200
for _ in range(25):
    os.mkdir(name)
    os.chdir(name)
open('lost', 'w').write('x')
"""
    files = {"README.md": b"x", "build/given.py": b"given"}
    workspace = start_workspace(engine, spec(files=files))
    run_inside(editor(client, options), make)
    not_saved = engine.export(workspace, tmp_path / "x.tar.gz", list(files))
    *left_out, deep = [(each.path, each.files, each.bytes) for each in not_saved]
    assert left_out == [(".venv/bin", 1, 4), ("node_modules", 1, 4), ("sub/build", 1, 4)]
    # The engine's stream ends above it, without a word.
    assert set(deep[0]) == {"d", "/"} and deep[1:] == (None, None)
    found = archive_contents(tmp_path / "x.tar.gz")
    saved = {name for name, content in found.items() if isinstance(content, bytes)}
    assert {name.removeprefix("takehome-1/") for name in saved} == {
        *files, "build/mine.py", "build/made.jar", "build.gradle", "web/build/app.gradle", "dist/x",
        "sub/build.gradle", "package.json", ".venv/pyvenv.cfg", "env/notes.txt",
        "takehome-1-not-saved.txt",
    }  # fmt: skip


def test_export_leaves_out_tool_folders_and_keeps_hard_links(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    make = """
import os
os.makedirs('node_modules/x'), os.makedirs('a/.cache/y')
open('package.json', 'w').write('{}')
open('node_modules/x/main.js', 'w').write('content')
os.link('node_modules/x/main.js', 'kept.js')
open('z1', 'w').write('twice'); os.link('z1', 'z2')
os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe')
open(b'\\xff.txt', 'w').write('odd')
os.makedirs('deep/' * 40 + 'end'); os.chmod('z1', 0)
"""
    workspace = start_workspace(engine)
    run_inside(editor(client, options), make)
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    found = archive_contents(tmp_path / "x.tar.gz")
    # The file in node_modules is another name of kept.js, which has its bytes.
    assert found.pop("takehome-1-not-saved.txt") == (
        b"This is not in the archive.\n\nNot saved, as it can be regenerated:\n"
        b"a/.cache (0 files, 0 B)\nnode_modules (1 file, 0 B)\n"
    )
    deep = {name for name in found if "deep" in name}
    assert len(deep) == 41
    assert {name.removeprefix("takehome-1/"): found[name] for name in found.keys() - deep} == {
        "README.md": b"# The task\n",
        "a": "folder",
        "kept.js": b"content",
        "link": "-> /etc/passwd",
        "package.json": b"{}",
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
    with pytest.raises(ProvisionError, match=r"^save: 4\.0 MB of files don't fit into an archive"):
        engine.export(workspace, tmp_path / "x.tar.gz", [])
    start_workspace(engine)
    run_inside(editor(client, options), "import os; os.rename('../project', '../moved')")
    with pytest.raises(ProvisionError, match="its files' folder is gone"):
        engine.export(workspace, tmp_path / "x.tar.gz", [])
    assert list(tmp_path.glob("*.gz")) == [] and list(tmp_path.glob(".*")) == []

"""The adapter of the local engine, with the plain editor that starts immediately."""

import os
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from operations.provisioners.base import Provisioner, Workspace
from operations.provisioners.local import processes
from operations.provisioners.local.provisioner import LocalProvisioner, stop_all_workspaces
from tests.conformance.adapter import Adapter, Found
from tests.operations.provisioners.conftest import make_plain_editor

WRITE_CLOCK = """
import time
while True:
    with open('clock', 'w') as file:
        file.write(str(time.time()))
    time.sleep(0.01)
"""
FIND_CLOCK = """
import os, psutil, sys
seen = psutil.process_iter(['cmdline'])
others = [each.info['cmdline'] or [] for each in seen if each.pid != os.getpid()]
sys.exit(not any("open('clock'" in ' '.join(words) for words in others))
"""
CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close()"


class LocalAdapter(Adapter):
    def __init__(self, folder: Path) -> None:
        self._root = (folder / "workspaces").resolve()
        self._root.mkdir(parents=True, exist_ok=True)
        self._editor = make_plain_editor(folder)
        self._programs: list[subprocess.Popen[bytes]] = []
        super().__init__(self.another_worker(), folder)

    def another_worker(self) -> Provisioner:
        return LocalProvisioner(self._root, code_server=self._editor)

    def another_platform(self) -> Adapter:
        other = self.folder / "another"
        other.mkdir()
        return LocalAdapter(other)

    def write(self, name: str, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            file = self._files(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def read(self, name: str) -> Found:
        folder = self._files(name)
        paths = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file()
        }
        executable = {name for name, path in paths.items() if os.access(path, os.X_OK)}
        return Found({name: path.read_bytes() for name, path in paths.items()}, executable)

    def start_program(self, name: str) -> None:
        self._programs.append(self._run(name, WRITE_CLOCK))

    def stop(self, name: str) -> None:
        processes.end_processes(self._root / name, grace_seconds=0)

    def reaches_others(self, names: Collection[str]) -> list[bool]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            return [self._run(name, CONNECT, port).wait() == 0 for name in names]

    def sees_programs(self, name: str, of: str) -> bool:
        return self._run(name, FIND_CLOCK).wait() == 0

    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        return self._run(name, CONNECT, str(neighbour.state["port"])).wait() == 0

    def stops_at(self, name: str) -> datetime | None:
        return None

    def remove_all(self) -> None:
        stop_all_workspaces(self._root, grace_seconds=0.5)
        for program in self._programs:
            program.wait()
        self._programs.clear()
        super().remove_all()

    def _files(self, name: str) -> Path:
        return self._root / name / "files"

    def _run(self, name: str, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a Python program as a terminal of the workspace would."""
        return subprocess.Popen(
            [sys.executable, "-Ic", program, *arguments],
            cwd=self._files(name),
            env={processes.MARKER: str(self._root / name)},
            stderr=subprocess.DEVNULL,
        )

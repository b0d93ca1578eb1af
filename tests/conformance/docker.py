"""The adapter of a real Docker engine, with the small images of the other tests."""

import base64
import json
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container

from operations.provisioners import deadlines
from operations.provisioners.base import Provisioner, Workspace
from operations.provisioners.docker import naming
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.options import EDITOR_PORT, DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.docker.workspace_container import HEALTH_PATH
from operations.provisioners.health_probe import is_answering
from tests.conformance.adapter import Adapter, Found
from tests.conformance.local import WRITE_CLOCK
from tests.operations.provisioners.docker.conftest import run_inside

WRITE = """
import base64, json, pathlib, sys
for path, content in json.loads(sys.argv[1]).items():
    file = pathlib.Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(content))
"""
READ = """
import base64, json, os, pathlib
files = [path for path in pathlib.Path().rglob('*') if path.is_file()]
print(json.dumps({
    str(path): [base64.b64encode(path.read_bytes()).decode(), os.access(path, os.X_OK)]
    for path in files
}))
"""
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5).close()
    print('open')
except OSError:
    print('closed')
"""
LIST_PROGRAMS = """
import glob, os
own = f'/proc/{os.getpid()}/cmdline'
print([open(path).read() for path in glob.glob('/proc/[0-9]*/cmdline') if path != own])
"""
# Of TEST-NET-2 (RFC 5737), which no rule of a workspace blocks.
OUTSIDE, OUTSIDE_HOST = "198.51.100.0/29", "198.51.100.1"


class DockerAdapter(Adapter):
    def __init__(self, client: DockerClient, options: DockerOptions, folder: Path) -> None:
        self._client = client
        self._options = options
        super().__init__(self.another_worker(), folder)

    def another_worker(self) -> Provisioner:
        return DockerProvisioner(self._options)

    def another_platform(self) -> Adapter:
        platform = f"{self._options.platform}{secrets.token_hex(2)}-"
        return DockerAdapter(self._client, replace(self._options, platform=platform), self.folder)

    def write(self, name: str, files: Mapping[str, bytes]) -> None:
        encoded = {path: base64.b64encode(content).decode() for path, content in files.items()}
        run_inside(self._editor(name), WRITE, json.dumps(encoded))

    def read(self, name: str) -> Found:
        listed = json.loads(run_inside(self._editor(name), READ))
        files = {path: base64.b64decode(content) for path, (content, _) in listed.items()}
        return Found(files, {path for path, (_, can_run) in listed.items() if can_run})

    def start_program(self, name: str) -> None:
        self._editor(name).exec_run(["python3", "-c", WRITE_CLOCK], detach=True)

    def stop(self, name: str) -> None:
        for container in (self._editor(name), self._sidecar(name)):
            container.kill()
            container.wait(timeout=60)

    def reaches_others(self, names: Collection[str]) -> list[bool]:
        # Made only now: a workspace refuses the addresses that its machine had at its start.
        network = self._client.networks.create(
            f"{self._options.platform}outside",
            ipam={"Config": [{"Subnet": OUTSIDE}]},  # type: ignore[arg-type]
        )
        try:
            with socket.create_server((OUTSIDE_HOST, 0)) as server:
                port = str(server.getsockname()[1])
                return [
                    run_inside(self._editor(name), CONNECT, OUTSIDE_HOST, port) == "open"
                    for name in names
                ]
        finally:
            network.remove()

    def sees_programs(self, name: str, of: str) -> bool:
        assert "clock" in run_inside(self._editor(of), LIST_PROGRAMS)
        return "clock" in run_inside(self._editor(name), LIST_PROGRAMS)

    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        networks = self._sidecar(neighbour.id).attrs["NetworkSettings"]["Networks"]
        [address] = [network["IPAddress"] for network in networks.values()]
        assert is_answering(address, EDITOR_PORT, HEALTH_PATH), "Nobody reaches it."
        return run_inside(self._editor(name), CONNECT, address, str(EDITOR_PORT)) == "open"

    def stops_at(self, name: str) -> datetime | None:
        text = tar_stream.read_file(self._sidecar(name), "/takehome/ends-at")
        return datetime.fromtimestamp(int(text), UTC) - deadlines.GRACE_PERIOD

    def remove_all(self) -> None:
        super().remove_all()
        label = f"{naming.PLATFORM_LABEL}={self._options.platform}"
        for volume in self._client.volumes.list(filters={"label": label}):
            volume.remove()

    def _editor(self, name: str) -> Container:
        return self.engine_of(name).containers.get(self._names(name).editor)

    def _sidecar(self, name: str) -> Container:
        return self.engine_of(name).containers.get(self._names(name).sidecar)

    def engine_of(self, name: str) -> DockerClient:
        """Return a client of the engine that has the workspace."""
        return self._client

    def _names(self, name: str) -> naming.Names:
        return naming.names_of(self._options.platform, name)

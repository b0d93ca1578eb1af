"""Workspaces as containers of a Docker engine, each with a network, a disk and limits of its own.

A workspace is made of a volume (the candidate's home), a network, and two containers: the gate,
which holds the network with its rules and the clock, and the editor, which joins it. All that is to
last is on the volume: all else may be made again at any time.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker import DockerClient
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.volumes import Volume

from operations.provisioners.base import Log, Owned, ProvisionError, Spec, Workspace
from operations.provisioners.docker import (
    export as docker_export,
)
from operations.provisioners.docker import (
    helper_container,
    naming,
    tar_stream,
)
from operations.provisioners.docker import (
    network as docker_network,
)
from operations.provisioners.docker import (
    volume as docker_volume,
)
from operations.provisioners.docker.containers import (
    Found,
    all_of,
    check_names,
    exit_code,
    files_of,
    find,
    remove,
    stop,
)
from operations.provisioners.docker.errors import told
from operations.provisioners.docker.naming import PORT, Names, shown_time
from operations.provisioners.docker.options import Options
from operations.provisioners.docker.sidecar import Sidecar, clock, is_unresponsive
from operations.provisioners.docker.volume import VolumeGoneError, WorkspaceVolume
from operations.provisioners.docker.workspace_container import HEALTH, PROJECT, Editor, home_of
from operations.provisioners.health_probe import is_answering

# For one answer of the engine, which may have much to do.
PATIENCE = 120  # seconds

# What each gate's clock was set to by this process, and when: gate's id -> the end, monotonic
# seconds. Another process may have set it otherwise since, so it is believed for so long only.
_set: dict[str, tuple[datetime, float]] = {}
BELIEVED = 600.0  # seconds; less than the gate's own grace


class DockerProvisioner:
    """Runs each workspace in containers of one Docker engine."""

    name = "docker"

    def __init__(self, options: Options) -> None:
        self._options = options

    def provision(self, spec: Spec, log: Log) -> Workspace:
        """Return what runs, or start it on the disk that is there, or on a new one."""
        with self._engine("start") as client:
            names = self._names(spec.interview_id)
            found = find(client, names)
            gate = Sidecar(client, self._options, names)
            is_there = found.runs and found.gate and gate.is_password(found.gate, spec.password)
            if is_there and found.gate and not _has_hung(found, spec, log):
                _set_clock(found.gate, spec.ends_at)
                log("The workspace runs already.")
                return self._workspace(spec, names, found.port)
            port = self._start(client, names, spec, found, log)
            return self._workspace(spec, names, port)

    def is_ready(self, workspace: Workspace) -> bool:
        """Whether the editor answers within 8 seconds.

        False too where one of its containers does not run: `provision` starts it again. Tells a
        workspace whose time has changed when it ends.
        """
        with self._engine("health") as client:
            names = self._names(workspace.id)
            found = find(client, names)
            if not found.runs or found.gate is None:
                return False
            if workspace.ends_at is not None and not _is_set(found.gate, workspace.ends_at):
                _set_clock(found.gate, workspace.ends_at)
            host, port = self._where(found)
            return is_answering(host, port, HEALTH)

    def export(self, workspace: Workspace, path: Path) -> None:
        """End everything that runs in the workspace, then pack its files at `path`.

        What cannot be read is listed in the archive; more than 100 MB packed is an error.
        """
        with self._engine("save") as client:
            names = self._names(workspace.id)
            disk = WorkspaceVolume(client, self._options, names)
            volume = disk.find()
            if volume is None:
                raise ProvisionError(
                    "save", "The workspace is not there, so no files could be saved."
                )
            found = find(client, names)
            if found.editor is not None and found.editor.status in ("running", "paused"):
                # What was typed a moment ago is on its way from the browser to the disk.
                time.sleep(self._options.settle)
                stop(found.editor)
            _attach(disk, volume, "save")
            with files_of(client, names, found, self._options.helper_image) as (holder, home):
                docker_export.pack(holder, f"{home}/{PROJECT}", path, top=workspace.id)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove the workspace's containers, its disk and its network."""
        with self._engine("remove") as client:
            names = self._names(workspace.id)
            listed = all_of(client, names)
            for container in listed:
                remove(container)
                _set.pop(container.id or "", None)
            disk = WorkspaceVolume(client, self._options, names)
            volume = disk.find()
            if volume is not None:
                disk.remove(volume)
            network = docker_network.find(client, names)
            if network is not None:
                with suppress(NotFound):
                    network.remove()
            if listed or volume or network:
                log("Stopped the workspace and removed its containers, disk and network.")
            else:
                log("The workspace was gone already.")

    def list_owned(self) -> list[Owned]:
        """Every workspace of which a container, a volume or a network is there."""
        filters = naming.of_platform(self._options.platform)
        since: dict[str, datetime] = {}
        state: dict[str, dict[str, Any]] = {}
        with self._engine("list") as client:
            volumes = client.api.volumes(filters=filters)["Volumes"] or []
            networks = client.api.networks(filters=filters)
            for part in (*client.api.containers(all=True, filters=filters), *volumes, *networks):
                id_ = part["Labels"][naming.WORKSPACE]
                made = naming.created(part)
                since[id_] = min(made, since.get(id_, made))
                if PORT in part["Labels"]:
                    state[id_] = {"port": int(part["Labels"][PORT])}
        return [
            Owned(id_, since[id_], self._state(id_) | state.get(id_, {})) for id_ in sorted(since)
        ]

    def _start(
        self, client: DockerClient, names: Names, spec: Spec, found: Found, log: Log
    ) -> int | None:
        image = helper_container.workspace_image(client, self._options.image, log)
        helper_container.helper_image(client, self._options.helper_image)
        editor = Editor(client, self._options, names, image, home_of(image, self._options.image))
        docker_volume.make_store(client, self._options.platform)
        check_names(client, names)
        if found.editor is not None and found.editor.status == "exited":
            log(f"The workspace had stopped ({exit_code(found.editor)}).")
        for container in (found.editor, found.gate):
            if container is not None:
                remove(container)
        here = self._have_disk(client, names, spec, editor, log)
        editor.put_password(spec.password)
        if docker_network.find(client, names) is None:
            ends_at = shown_time(spec.ends_at)
            docker_network.make(client, names, self._options.subnets, ends_at)
        gate, port = Sidecar(client, self._options, names).start(
            spec.password, spec.ends_at, here, found.port
        )
        editor.start(spec, gate, log)
        _note_clock(gate, spec.ends_at)
        log("Started the workspace's containers.")
        return port

    def _have_disk(
        self, client: DockerClient, names: Names, spec: Spec, editor: Editor, log: Log
    ) -> list[str]:
        """The disk that is there, or a new one with the files; the addresses of the machine."""
        disk = WorkspaceVolume(client, self._options, names)
        volume = disk.find()
        if spec.files is None and spec.archive is None:
            if volume is None:
                raise ProvisionError("start", "The workspace is not there any more.")
            return _attach(disk, volume, "start")
        if volume is not None:
            # Nobody has worked in it yet. It may be of a start that was cut off.
            with suppress(VolumeGoneError):
                here = disk.attach(volume)
                if editor.has_files():
                    return here
            disk.remove(volume)
        here = disk.make(shown_time(spec.ends_at))
        editor.put_files(spec, log)
        return here

    def _workspace(self, spec: Spec, names: Names, port: int | None) -> Workspace:
        state = self._state(names.id)
        if port is not None:
            state["port"] = port
        return Workspace(
            id=spec.interview_id,
            url=self._options.url_of(names.id, port),
            password=spec.password,
            state=state,
        )

    def _state(self, id_: str) -> dict[str, Any]:
        return {"container": self._names(id_).editor}

    def _where(self, found: Found) -> tuple[str, int]:
        """Where the platform reaches the editor: by the network they share, or as published."""
        if self._options.network and found.gate is not None:
            networks = found.gate.attrs["NetworkSettings"]["Networks"]
            address = networks.get(self._options.network, {}).get("IPAddress")
            if not address:
                raise ProvisionError(
                    "health", f"The workspace is not on the network {self._options.network}."
                )
            return address, docker_network.PORT
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        address = self._options.publish_address
        return everywhere.get(address, address), found.port or 0

    def _names(self, interview_id: str) -> Names:
        return naming.of(self._options.platform, interview_id)

    @contextmanager
    def _engine(self, step: str) -> Iterator[DockerClient]:
        """A connection of this call alone; what fails is the step's error."""
        with told(step, self._options.host):
            _knock(self._options.host)
            client = DockerClient(base_url=self._options.host, version="auto", timeout=PATIENCE)
            try:
                yield client
            finally:
                client.close()


def _knock(host: str) -> None:
    """Raises DockerException where nobody listens at the socket: the client itself would leave one
    of its own open."""
    parts = urlsplit(host)
    if parts.scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PATIENCE)
        try:
            probe.connect(parts.path)
        except OSError as error:
            raise DockerException(repr(error)) from error


def _has_hung(found: Found, spec: Spec, log: Log) -> bool:
    """Whether an editor runs that will not answer any more; only of what a candidate works in."""
    if spec.files is not None or found.gate is None or found.editor is None:
        return False
    if not is_unresponsive(found.gate, found.editor):
        return False
    log("The workspace's editor had hung.")
    return True


def _set_clock(gate: Container, ends_at: datetime) -> None:
    tar_stream.put(gate, "/", [clock(ends_at)])
    _note_clock(gate, ends_at)


def _note_clock(gate: Container, ends_at: datetime) -> None:
    _set[gate.id or ""] = (ends_at, time.monotonic())


def _is_set(gate: Container, ends_at: datetime) -> bool:
    was, at = _set.get(gate.id or "", (None, 0.0))
    return was == ends_at and time.monotonic() - at < BELIEVED


def _attach(disk: WorkspaceVolume, volume: Volume, step: str) -> list[str]:
    try:
        return disk.attach(volume)
    except VolumeGoneError:
        raise ProvisionError(step, "The workspace's disk is not there any more.") from None

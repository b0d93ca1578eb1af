"""Workspaces as containers of a Docker engine, each with its own network, disk and limits.

A workspace has a volume (the candidate's home), a network and two containers: the sidecar, which
holds the network, the firewall and the deadline, and the editor, which joins the sidecar's
namespaces. Only the volume is permanent: everything else can be created again at any time.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from operations.provisioners.base import (
    SIGN_IN_BY_FORM,
    SIGN_IN_KEY,
    USUAL_PATIENCE,
    Isolation,
    Log,
    Machine,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.deadlines import forget_deadline, is_written
from operations.provisioners.docker import naming
from operations.provisioners.docker.containers import (
    WorkspaceContainers,
    container_with_files,
    find_containers,
    list_containers,
    mounted_at,
    remove_container,
    stop_editor,
)
from operations.provisioners.docker.deadlines import write_deadline
from operations.provisioners.docker.engine import CHECK_TIMEOUT_SECONDS, connect
from operations.provisioners.docker.files import export as docker_export
from operations.provisioners.docker.files.look import look_at_volume
from operations.provisioners.docker.files.volume import (
    WorkspaceVolume,
)
from operations.provisioners.docker.interference import name_the_users
from operations.provisioners.docker.naming import (
    PORT_LABEL,
    SIGN_IN_BY_PAGE,
    SIGN_IN_LABEL,
    Names,
)
from operations.provisioners.docker.network import find_network
from operations.provisioners.docker.options import EDITOR_PORT, DockerOptions
from operations.provisioners.docker.sidecar import Sidecar, is_unresponsive
from operations.provisioners.docker.start import WorkspaceStart, attach_disk
from operations.provisioners.docker.workspace_container import (
    HEALTH_PATH,
    PROJECT_FOLDER,
    is_filled,
)
from operations.provisioners.file_look import FileLook, Stamp
from operations.provisioners.health_probe import is_answering, is_sign_in_refused

ALREADY_GONE = "The workspace was already gone."
# A start was cut off before all files were on the disk; its editor starts only after that.
NEVER_FILLED = "The workspace's disk was never filled completely."


class DockerProvisioner:
    """Runs each workspace in containers of one Docker engine."""

    name = "docker"
    patience = USUAL_PATIENCE
    # The disk unless DOCKER_DISK_GB is 0.
    isolates = frozenset(Isolation)

    def __init__(self, options: DockerOptions) -> None:
        self._options = options

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """Do nothing: an engine lends out more than it has."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        """Return the running workspace, or start it on its existing disk, or on a new one."""
        with self._connect("start") as client:
            names = self._names(spec.workspace_name)
            containers = find_containers(client, names)
            sidecar = containers.sidecar
            if (
                containers.are_running
                and sidecar is not None
                and Sidecar(client, self._options, names).has_password(sidecar, spec.password)
                and not _is_editor_unresponsive(containers, spec, log)
            ):
                write_deadline(sidecar, names, spec.ends_at)
                log("The workspace is already running.")
                return self._workspace(spec, names, containers.port, containers.editor)
            start = WorkspaceStart(client, self._options, names)
            port, editor = start.run(spec, containers, log)
            return self._workspace(spec, names, port, editor)

    def is_ready(self, workspace: Workspace) -> Readiness:
        """Return whether the editor answers within 8 seconds.

        It does not if one of the containers is not running; `provision` starts it again.
        """
        with connect(self._options, "health", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            names = self._names(workspace.id)
            containers = find_containers(client, names)
            if not containers.are_running:
                return Readiness(False, containers.why_not_running)
            host, port = self._editor_address(containers)
            return Readiness(is_answering(host, port, HEALTH_PATH))

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        """Write the deadline into the sidecar, unless this process did so a short time ago."""
        names = self._names(workspace.id)
        if is_written(names.editor, ends_at):
            return
        with connect(self._options, "health", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            containers = find_containers(client, names)
            if containers.are_running and containers.sidecar is not None:
                write_deadline(containers.sidecar, names, ends_at)

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        """Return whether code-server lets nobody sign in after too many wrong passwords."""
        with connect(self._options, "health", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            containers = find_containers(client, self._names(workspace.id))
            if not containers.are_running:
                return False
            return is_sign_in_refused(*self._editor_address(containers))

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        """Yield a look at the candidate's folder, by a container beside the editor's."""
        with connect(self._options, "keep", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            names = self._names(workspace.id)
            editor = find_containers(client, names).editor
            home = mounted_at(editor, names) if editor is not None else None
            if editor is None or editor.status != "running" or home is None:
                raise ProvisionError("keep", "The workspace isn't running.")
            with look_at_volume(
                client,
                names,
                editor,
                self._options.helper_image,
                f"{home}/{PROJECT_FOLDER}",
                since_ns,
                starting_paths,
                known,
            ) as look:
                yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        """End every process in the workspace, then pack its files at `path`.

        The archive lists what is not saved; more than 100 MB packed is an error.
        """
        with self._connect("save") as client:
            names = self._names(workspace.id)
            disk = WorkspaceVolume(client, self._options, names)
            volume = disk.find()
            if volume is None:
                raise WorkspaceGoneError(
                    "save",
                    "The workspace is missing, so no files could be saved: the engine has no "
                    f"volume {names.editor}. It was removed by hand or with "
                    "docker system prune --volumes.",
                )
            containers = find_containers(client, names)
            editor = containers.editor
            if editor is not None and editor.status in ("running", "paused"):
                # The browser may not have saved the last keystrokes yet.
                time.sleep(self._options.autosave_wait_seconds)
                stop_editor(editor)
            attach_disk(disk, volume, "save")
            image = self._options.helper_image
            with container_with_files(client, names, containers, image) as (container, home):
                # A disk that cannot be mounted is an error: it may have a candidate's files.
                if editor is None and not is_filled(container, home):
                    raise WorkspaceGoneError("save", NEVER_FILLED)
                return docker_export.pack_container(
                    container, f"{home}/{PROJECT_FOLDER}", path, workspace.id, starting_paths
                )

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove the workspace's containers, its disk and its network."""
        with self._connect("remove") as client:
            names = self._names(workspace.id)
            containers = list_containers(client, names)
            for container in containers:
                remove_container(container)
            forget_deadline(names.editor)
            disk = WorkspaceVolume(client, self._options, names)
            volume = disk.find()
            if volume is not None:
                with name_the_users(client, names, "volume"):
                    disk.remove(volume)
            network = find_network(client, names)
            if network is not None:
                with suppress(NotFound), name_the_users(client, names, "network"):
                    network.remove()
            if containers or volume or network:
                log("Stopped the workspace and removed its containers, disk and network.")
            else:
                log(ALREADY_GONE)

    def list_owned(self) -> list[OwnedWorkspace]:
        """List every workspace that has at least one container, volume or network left."""
        filters = naming.platform_filters(self._options.platform)
        since: dict[str, datetime] = {}
        state: dict[str, dict[str, Any]] = {}
        with self._connect("list") as client:
            volumes = client.api.volumes(filters=filters)["Volumes"] or []
            networks = client.api.networks(filters=filters)
            containers = client.api.containers(all=True, filters=filters)
            for resource in (*containers, *volumes, *networks):
                name = resource["Labels"][naming.WORKSPACE_LABEL]
                created_at = naming.created_at(resource)
                since[name] = min(created_at, since.get(name, created_at))
                if PORT_LABEL in resource["Labels"]:
                    state[name] = {"port": int(resource["Labels"][PORT_LABEL])}
        return [
            OwnedWorkspace(name, since[name], self._state(name) | state.get(name, {}))
            for name in sorted(since)
        ]

    def list_machines(self) -> list[Machine]:
        """Return none: an engine is one machine."""
        return []

    def has_disk(self, workspace_name: str) -> bool:
        """Return whether the engine has the workspace's disk."""
        with connect(self._options, "list", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            volume = WorkspaceVolume(client, self._options, self._names(workspace_name)).find()
            return volume is not None

    def is_running(self, workspace_name: str) -> bool:
        """Return whether the workspace's containers run, whether its editor answers or not."""
        with connect(self._options, "start", timeout_seconds=CHECK_TIMEOUT_SECONDS) as client:
            return find_containers(client, self._names(workspace_name)).are_running

    def _workspace(
        self, spec: WorkspaceSpec, names: Names, port: int | None, editor: Container | None
    ) -> Workspace:
        state = self._state(names.workspace)
        # A container has its image's labels too.
        if editor is not None and editor.labels.get(SIGN_IN_LABEL) != SIGN_IN_BY_PAGE:
            state[SIGN_IN_KEY] = SIGN_IN_BY_FORM
        if port is not None:
            state["port"] = port
        return Workspace(
            id=spec.workspace_name,
            url=self._options.workspace_url(names.workspace, port),
            password=spec.password,
            state=state,
        )

    def _state(self, workspace_name: str) -> dict[str, Any]:
        return {"container": self._names(workspace_name).editor}

    def _editor_address(self, containers: WorkspaceContainers) -> tuple[str, int]:
        """Return the host and port for health checks: on the shared network, or as published."""
        if self._options.network and containers.sidecar is not None:
            networks = containers.sidecar.attrs["NetworkSettings"]["Networks"]
            address = networks.get(self._options.network, {}).get("IPAddress")
            if not address:
                raise ProvisionError(
                    "health", f"The workspace isn't on the network {self._options.network}."
                )
            return address, EDITOR_PORT
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        address = self._options.checked_at or self._options.publish_address
        return loopback.get(address, address), containers.port or 0

    def _connect(self, step: str) -> AbstractContextManager[DockerClient]:
        return connect(self._options, step)

    def _names(self, workspace_name: str) -> Names:
        return naming.names_of(self._options.platform, workspace_name)


def _is_editor_unresponsive(containers: WorkspaceContainers, spec: WorkspaceSpec, log: Log) -> bool:
    """Return whether the editor runs but no longer responds.

    Only checks workspaces that a candidate works in, not those that are still being started.
    """
    if spec.files is not None or containers.sidecar is None or containers.editor is None:
        return False
    if not is_unresponsive(containers.sidecar, containers.editor):
        return False
    log("The workspace's editor had hung.")
    return True

"""Start a workspace: its disk, its network and its two containers, on what is there already."""

from contextlib import suppress
from dataclasses import dataclass, replace

from docker import DockerClient
from docker.models.containers import Container
from docker.models.volumes import Volume

from operations.provisioners.base import Log, WorkspaceGoneError, WorkspaceSpec
from operations.provisioners.deadlines import remember_deadline
from operations.provisioners.docker import helper_container
from operations.provisioners.docker.containers import (
    WorkspaceContainers,
    check_name_conflicts,
    remove_container,
)
from operations.provisioners.docker.files.volume import (
    VolumeGoneError,
    WorkspaceVolume,
    create_store,
)
from operations.provisioners.docker.interference import reasons_for_restart
from operations.provisioners.docker.naming import Names, format_time
from operations.provisioners.docker.network import create_network, find_network
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.sidecar import Sidecar
from operations.provisioners.docker.workspace_container import EditorContainer, read_image_home


@dataclass(frozen=True)
class WorkspaceStart:
    """Starts one workspace that does not run, or not as it should."""

    client: DockerClient
    options: DockerOptions
    names: Names

    def run(
        self, spec: WorkspaceSpec, containers: WorkspaceContainers, log: Log
    ) -> tuple[int | None, Container]:
        """Replace its `containers`, of which some may be left; return the port and the editor.

        Raises:
            ProvisionError: if the engine cannot start it.
            WorkspaceGoneError: if its files are lost.
        """
        client, names, options = self.client, self.names, self.options
        if not spec.internet:
            options = replace(options, internet=False)
            log("The workspace has no internet, as its challenge does not allow it.")
        image = helper_container.ensure_workspace_image(client, options.image, log)
        helper_container.require_helper_image(client, options.helper_image)
        home = read_image_home(image, options.image)
        editor = EditorContainer(client, options, names, image, home)
        create_store(client, options.platform)
        check_name_conflicts(client, names)
        network = find_network(client, names)
        if spec.files is None and spec.archive is None:
            for reason in reasons_for_restart(
                client, names, containers, has_network=network is not None
            ):
                log(reason)
        for container in (containers.editor, containers.sidecar):
            if container is not None:
                remove_container(container)
        host_addresses = self._prepare_disk(spec, editor, log)
        editor.put_password(spec.password)
        if network is None:
            create_network(client, names, options.subnets, format_time(spec.ends_at))
        sidecar, port = Sidecar(client, options, names).start(
            spec.password, spec.ends_at, host_addresses, containers.port
        )
        container = editor.start(spec, sidecar, log)
        remember_deadline(names.editor, spec.ends_at)
        log("Started the workspace's containers.")
        return port, container

    def _prepare_disk(self, spec: WorkspaceSpec, editor: EditorContainer, log: Log) -> list[str]:
        """Attach the existing disk, or create and fill one; return the machine's addresses."""
        disk = WorkspaceVolume(self.client, self.options, self.names)
        volume = disk.find()
        if spec.files is None and spec.archive is None:
            if volume is None:
                raise WorkspaceGoneError("start", "The workspace is gone.")
            return attach_disk(disk, volume, "start")
        if volume is not None:
            # No candidate has worked in it yet. A start that was cut off may have left it.
            with suppress(VolumeGoneError):
                host_addresses = disk.attach(volume)
                if editor.has_files():
                    return host_addresses
            disk.remove(volume)
        host_addresses = disk.create(format_time(spec.ends_at))
        editor.put_files(spec, log)
        return host_addresses


def attach_disk(disk: WorkspaceVolume, volume: Volume, step: str) -> list[str]:
    """Attach it to the engine's machine and return that machine's addresses.

    Raises:
        WorkspaceGoneError: if the volume is there without its disk.
    """
    try:
        return disk.attach(volume)
    except VolumeGoneError:
        raise WorkspaceGoneError(step, "The workspace's disk is gone.") from None

"""Find, stop and remove the containers of a workspace."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.files.volume_access import open_volume
from operations.provisioners.docker.naming import PORT_LABEL, Names

# The time between SIGTERM and SIGKILL.
STOP_TIMEOUT_SECONDS = 5
REMOVAL_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class WorkspaceContainers:
    """The two containers of one workspace; None for one that does not exist."""

    editor: Container | None
    sidecar: Container | None

    @property
    def are_running(self) -> bool:
        return all(
            container is not None and container.status == "running"
            for container in (self.editor, self.sidecar)
        )

    @property
    def why_not_running(self) -> str:
        """Why one of them does not run, as a sentence."""
        if self.editor is None and self.sidecar is None:
            return "The engine has no containers of this workspace."
        if self.editor is not None and self.editor.status == "exited":
            return f"The workspace stopped ({exit_reason(self.editor)})."
        return "A container of the workspace isn't running."

    @property
    def port(self) -> int | None:
        """The published port, or None if there is none."""
        label = self.sidecar.labels.get(PORT_LABEL) if self.sidecar is not None else None
        return int(label) if label else None


def list_containers(client: DockerClient, names: Names) -> list[Container]:
    return client.containers.list(all=True, filters=names.filters(), ignore_removed=True)


def find_containers(client: DockerClient, names: Names) -> WorkspaceContainers:
    by_name = {container.name: container for container in list_containers(client, names)}
    return WorkspaceContainers(by_name.get(names.editor), by_name.get(names.sidecar))


def check_name_conflicts(client: DockerClient, names: Names) -> None:
    """Check that no foreign container has one of the workspace's names.

    Raises:
        ProvisionError: if one does.
    """
    for name in (names.editor, names.sidecar, names.files):
        try:
            labels = client.containers.get(name).labels
        except NotFound:
            continue
        names.check_ownership("container", labels, "start", name)


def mounted_at(editor: Container, names: Names) -> str | None:
    """Return where the editor's container has the workspace's volume, or None."""
    for mount in editor.attrs["Mounts"]:
        if mount.get("Name") == names.editor:
            return str(mount["Destination"])
    return None


@contextmanager
def container_with_files(
    client: DockerClient, names: Names, containers: WorkspaceContainers, image: str
) -> Iterator[tuple[Container, str]]:
    """Yield a container that has the workspace's volume, and the volume's path in it."""
    home = mounted_at(containers.editor, names) if containers.editor is not None else None
    if containers.editor is not None and home is not None:
        yield containers.editor, home
        return
    with open_volume(client, names, image, "/home/workspace") as container:
        yield container, "/home/workspace"


def stop_editor(editor: Container) -> None:
    """End every process in the editor's container.

    Raises:
        ProvisionError: if the container is still running afterwards.
    """
    if editor.status == "paused":
        editor.unpause()
    editor.stop(timeout=STOP_TIMEOUT_SECONDS)
    editor.reload()
    if editor.status == "running":
        raise ProvisionError("save", "The workspace's programs couldn't be stopped.")


def remove_container(container: Container) -> None:
    """Remove a container; one that is gone, or is already being removed, is fine."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409:
            raise
        with suppress(NotFound):
            container.wait(condition="removed", timeout=REMOVAL_TIMEOUT_SECONDS)


def exit_reason(editor: Container) -> str:
    state = editor.attrs["State"]
    if state.get("OOMKilled"):
        return "it used more memory than allowed"
    code = state["ExitCode"]
    stopped = {137: ", as after docker kill", 143: ", as after docker stop"}
    return f"exit code {code}{stopped.get(code, '')}"

"""The containers of a workspace on an engine: found, stopped, removed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.naming import PORT, Names
from operations.provisioners.docker.volume_access import opened

# Between the editor's being asked to stop and its being stopped.
STOP_WITHIN = 5  # seconds
REMOVED_WITHIN = 20  # seconds


@dataclass(frozen=True)
class Found:
    """The containers of one workspace, as they are now."""

    editor: Container | None
    gate: Container | None

    @property
    def runs(self) -> bool:
        return all(
            part is not None and part.status == "running" for part in (self.editor, self.gate)
        )

    @property
    def port(self) -> int | None:
        label = self.gate.labels.get(PORT) if self.gate is not None else None
        return int(label) if label else None


def all_of(client: DockerClient, names: Names) -> list[Container]:
    return client.containers.list(all=True, filters=names.filters(), ignore_removed=True)


def find(client: DockerClient, names: Names) -> Found:
    found = {container.name: container for container in all_of(client, names)}
    return Found(found.get(names.editor), found.get(names.gate))


def check_names(client: DockerClient, names: Names) -> None:
    """ProvisionError where somebody else's container has one of our names."""
    for name in (names.editor, names.gate, names.files):
        try:
            labels = client.containers.get(name).labels
        except NotFound:
            continue
        names.check_ours("container", labels, "start", name)


@contextmanager
def files_of(
    client: DockerClient, names: Names, found: Found, image: str
) -> Iterator[tuple[Container, str]]:
    """A container that has the workspace's disk, and where in it."""
    if found.editor is not None:
        for mount in found.editor.attrs["Mounts"]:
            if mount.get("Name") == names.editor:
                yield found.editor, mount["Destination"]
                return
    with opened(client, names, image, "/home/workspace") as container:
        yield container, "/home/workspace"


def stop(editor: Container) -> None:
    """End all that runs in it. ProvisionError: something still does."""
    if editor.status == "paused":
        editor.unpause()
    editor.stop(timeout=STOP_WITHIN)
    editor.reload()
    if editor.status == "running":
        raise ProvisionError("save", "The workspace's programs could not be ended.")


def remove(container: Container) -> None:
    """Also what is being removed in this moment, or is gone."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409:
            raise
        with suppress(NotFound):
            container.wait(condition="removed", timeout=REMOVED_WITHIN)


def exit_code(editor: Container) -> str:
    state = editor.attrs["State"]
    if state.get("OOMKilled"):
        return "it used more memory than it may"
    return f"exit code {state['ExitCode']}"

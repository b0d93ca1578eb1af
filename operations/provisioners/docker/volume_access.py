"""A container that is never started: the engine reaches the files of a volume through one."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from operations.provisioners.docker.naming import Names


@contextmanager
def opened(client: DockerClient, names: Names, image: str, path: str) -> Iterator[Container]:
    """The workspace's volume at `path` of a container, for as long as the block runs.

    A volume that is still empty gets what the image has at that path.
    """
    remove_opened(client, names)
    container = client.containers.create(
        image,
        name=names.files,
        network_mode="none",
        volumes={names.editor: {"bind": path}},
        labels=names.labels(),
    )
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


def remove_opened(client: DockerClient, names: Names) -> None:
    """Remove what a worker that was killed left."""
    try:
        left = client.containers.get(names.files)
    except NotFound:
        return
    names.check_ours("container", left.labels, "start", names.files)
    left.remove(force=True, v=True)

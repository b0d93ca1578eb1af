"""Access to the files of a volume through a container that is created but never started."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from operations.provisioners.docker.naming import Names


@contextmanager
def open_volume(client: DockerClient, names: Names, image: str, path: str) -> Iterator[Container]:
    """Yield a container that has the workspace's volume at `path`; remove it after the block.

    The engine fills an empty volume with the files that the image has at that path.
    """
    remove_leftover(client, names)
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


def remove_leftover(client: DockerClient, names: Names) -> None:
    """Remove the container of a worker that was killed inside `open_volume`."""
    try:
        leftover = client.containers.get(names.files)
    except NotFound:
        return
    names.check_ownership("container", leftover.labels, "start", names.files)
    leftover.remove(force=True, v=True)

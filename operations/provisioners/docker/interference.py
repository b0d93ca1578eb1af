"""What others did to a workspace on the engine: they use a part of it, stopped or removed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from docker import DockerClient
from docker.errors import APIError, NotFound

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.containers import WorkspaceContainers, exit_reason
from operations.provisioners.docker.naming import PLATFORM_LABEL, Names, parse_time


def containers_of_others(client: DockerClient, names: Names, kind: str) -> list[str]:
    """Return the names of containers, running or not, that use the workspace's volume or network.

    `kind` is the engine's word for the part. Containers of a platform are left out.
    """
    users = client.api.containers(all=True, filters={kind: names.editor})
    return sorted(
        container["Names"][0].lstrip("/")
        for container in users
        if container["Names"] and PLATFORM_LABEL not in container["Labels"]
    )


@contextmanager
def name_the_users(client: DockerClient, names: Names, kind: str) -> Iterator[None]:
    """Turn a refusal to remove the volume or network into an error that names who uses it.

    Raises:
        ProvisionError: if a container that is not the platform's uses it.
    """
    try:
        yield
    except (APIError, ProvisionError) as error:
        others = containers_of_others(client, names, kind)
        if not others:
            raise
        raise ProvisionError("remove", _in_use(names, kind, others)) from error


def _in_use(names: Names, kind: str, others: list[str]) -> str:
    many = "s" if len(others) > 1 else ""
    sentence = (
        f"The container{many} {', '.join(others)}, not of the platform, still "
        f"{'use' if many else 'uses'} the workspace's {kind} {names.editor}: "
        f"remove the container{many}"
    )
    if kind == "network":
        sentence += f", or run docker network disconnect {names.editor} {others[0]}"
    return f"{sentence}."


def reasons_for_restart(
    client: DockerClient, names: Names, containers: WorkspaceContainers, *, has_network: bool
) -> list[str]:
    """Return sentences that tell staff why a workspace with a disk has to be started again."""
    editor, sidecar = containers.editor, containers.sidecar
    found = {names.editor: editor, names.sidecar: sidecar}
    removed = [name for name, container in found.items() if container is None]
    if not has_network:
        removed.append(f"the network {names.editor}")
    reasons = []
    if removed:
        reasons.append(
            f"Missing on the engine: {', '.join(removed)}. It was removed by hand or with docker "
            "system prune, or an earlier start was cut off. Creating it again."
        )
    if editor is None or editor.status == "running":
        return reasons
    if editor.status == "paused":
        reasons.append("The workspace was paused on the engine.")
    elif _started_before(editor.attrs["State"].get("StartedAt"), engine_started_at(client)):
        reasons.append("The workspace had stopped because the Docker engine was restarted.")
    elif editor.status == "exited":
        reasons.append(f"The workspace had stopped ({exit_reason(editor)}).")
    return reasons


def engine_started_at(client: DockerClient) -> datetime | None:
    """Return when the engine was started, or None if that is unknown.

    Its API does not tell, but it makes its default network anew at each start.
    """
    try:
        return parse_time(str(client.networks.get("bridge").attrs["Created"]))
    except (NotFound, KeyError, ValueError):
        return None


def _started_before(started_at: str | None, engine_started: datetime | None) -> bool:
    return bool(started_at and engine_started and parse_time(started_at) < engine_started)

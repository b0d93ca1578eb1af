"""When a machine that Swarm misses counts as lost."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from docker import DockerClient

from operations.provisioners.base import MachineDownError
from operations.provisioners.docker.naming import parse_time
from operations.provisioners.swarm.nodes import Node


def machine_down(
    client: DockerClient, nodes: Collection[Node], node: Node, patience: timedelta, step: str
) -> MachineDownError:
    """Return the error for files on a machine that is down; `nodes` are all of the swarm.

    If most of them are, the manager may be the one that is cut off, and the workspaces go on: none
    of them is lost then, until somebody removes the machine from the swarm.

    Raises:
        APIError: if the manager does not tell the time.
    """
    since = node.changed_at
    is_down = f"The machine {node.hostname}, which has the workspace's files, is down"
    if since is not None:
        is_down = f"{is_down} since {since:%H:%M} UTC"
    missed = sum(each.is_down for each in nodes)
    if 2 * missed > len(nodes):
        return MachineDownError(
            step,
            f"{is_down}, as are {missed} of {len(nodes)} machines. The workspace waits for it, as "
            f"perhaps the manager is cut off. If it is gone for good: docker node rm --force "
            f"{node.hostname}",
            lost_at=None,
        )
    if since is None:
        return MachineDownError(step, f"{is_down}.", lost_at=None)
    # Both times are of the manager's clock, which may differ from the one here.
    missed_for = parse_time(client.info()["SystemTime"]) - since
    lost_at = datetime.now(UTC) - missed_for + patience
    return MachineDownError(step, f"{is_down}.", lost_at=lost_at)

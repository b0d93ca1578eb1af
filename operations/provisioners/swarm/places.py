"""The place of a workspace: a service of Swarm, whose one task only holds a reservation.

Swarm decides where the task runs, and so where the workspace is made. The task does nothing: the
workspace's own containers are not Swarm's, which would move or remove them with what is on them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.types import (
    ContainerSpec,
    Healthcheck,
    Placement,
    Resources,
    RestartPolicy,
    ServiceMode,
    TaskTemplate,
)

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.errors import engine_message
from operations.provisioners.docker.naming import (
    WORKSPACE_LABEL,
    Names,
    parse_time,
    platform_filters,
)
from operations.provisioners.swarm.services import service_name

NODE_LABEL = "takehome.node"
"""Of a place: the id of the machine that has the workspace, from the moment it was chosen."""

# How long Swarm may take to decide about a task.
DECISION_SECONDS = 30.0
# How long after a change of a place it may have no task yet.
NEW_TASK_SECONDS = 5.0
POLL_SECONDS = 0.1
# How long a removed place may keep its reservation, until its machine has ended the task.
RELEASE_SECONDS = 10.0
# The states of a task, in Swarm's order, before and while it has its reservation.
UNDECIDED = ("new", "pending")
HOLDING = ("assigned", "accepted", "preparing", "ready", "starting", "running")
MEGABYTE = 1024 * 1024
# The task is one sleeping program.
TASK_MEMORY = 32 * MEGABYTE


class NoTaskError(Exception):
    """The place has no task of its last update, and Swarm makes none."""


class NotPlacedError(Exception):
    """Swarm has no machine for the place now; `reason` is its own, for `reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Needs:
    """What a place reserves, and where it may be: `constraints` are in Swarm's words."""

    image: str
    """Any image that all machines have and that has a `sleep`."""
    cpus: float
    memory_mb: int
    constraints: Sequence[str]


@dataclass(frozen=True)
class Place:
    """A place that exists. `node_id` is None as long as no machine was chosen."""

    id: str
    version: int
    workspace: str
    created_at: datetime
    node_id: str | None
    is_settled: bool
    """Whether the choice of the machine is written down; see `settle`."""
    is_held: bool
    """Whether its task holds the reservation."""
    task_id: str | None
    """The task that does."""
    is_undecided: bool
    """Whether Swarm has not found a machine for its task yet, or not even made the task."""
    has_task: bool
    """Whether it has a task of its last update, running or not."""
    problem: str
    """Swarm's words about its newest task, if it was not placed or has ended."""
    spec: Any


def find_place(client: DockerClient, names: Names) -> Place | None:
    """Return the workspace's place, or None if there is none.

    Raises:
        ProvisionError: if another service has its name.
    """
    name = service_name(names.editor)
    try:
        service = client.api.inspect_service(name)
        names.check_ownership("service", service["Spec"].get("Labels"), "start", name)
        return _place(service, client.api.tasks(filters={"service": service["ID"]}))
    except NotFound:
        return None


def list_places(client: DockerClient, platform: str) -> list[Place]:
    """List the places of all workspaces of the platform, without what their tasks do."""
    services = client.api.services(filters=platform_filters(platform))
    return [_place(service, []) for service in services]


def create_place(client: DockerClient, names: Names, needs: Needs) -> None:
    """Create the place; one that another worker has just created is fine."""
    try:
        client.api.create_service(
            _task(needs),
            name=service_name(names.editor),
            labels=names.labels(),
            mode=ServiceMode("replicated", replicas=1),
        )
    except APIError as error:
        if error.status_code != 409:
            raise


def hold_again(client: DockerClient, place: Place, needs: Needs) -> None:
    """Have a place whose task ended get a new one.

    Swarm ends the task when the machine is drained or restarts, and starts no other by itself.
    """
    forced = place.spec["TaskTemplate"].get("ForceUpdate", 0)
    _update(
        client,
        place,
        task_template=_task(needs) | {"ForceUpdate": forced + 1},
    )


def settle(client: DockerClient, place: Place, labels: dict[str, str]) -> None:
    """Write down which machine was chosen; from now on Swarm holds the place nowhere else.

    No other constraint holds then: Swarm would end the task when the machine loses a label.
    """
    _update(
        client,
        place,
        labels=labels | {NODE_LABEL: str(place.node_id)},
        # The task stays, as its machine meets this.
        task_template={"Placement": Placement(constraints=[f"node.id=={place.node_id}"])},
    )


def await_decision(client: DockerClient, names: Names) -> Place:
    """Wait until Swarm has found a machine for the place, or no machine.

    Raises:
        NotPlacedError: if no machine can take it now.
        NoTaskError: if it ended so long ago that Swarm has forgotten its task.
        ProvisionError: if the machine refuses it, or Swarm does not decide.
    """
    began = time.monotonic()
    while True:
        place = find_place(client, names)
        if place is None:
            raise ProvisionError("start", "Someone else removed this workspace's place just now.")
        if place.is_held:
            return place
        if place.is_undecided and place.problem:
            raise NotPlacedError(place.problem)
        if not place.is_undecided and place.problem:
            raise ProvisionError("start", f"The machine refused the place: {place.problem}.")
        waited = time.monotonic() - began
        if not place.has_task and waited > NEW_TASK_SECONDS:
            raise NoTaskError
        if waited > DECISION_SECONDS:
            raise ProvisionError(
                "start", f"Swarm found no machine within {DECISION_SECONDS:.0f} seconds."
            )
        time.sleep(POLL_SECONDS)


def remove_place(client: DockerClient, names: Names) -> Place | None:
    """Remove the place, and return it if there was one."""
    place = find_place(client, names)
    if place is None:
        return None
    try:
        client.api.remove_service(place.id)
    except NotFound:
        return None
    return place


def await_release(client: DockerClient, place: Place) -> None:
    """Wait until the machine of a removed place has given up the reservation, for a while.

    Who is told that a workspace ended would find no room otherwise.
    """
    deadline = time.monotonic() + RELEASE_SECONDS
    while place.task_id is not None and time.monotonic() < deadline:
        if not client.api.tasks(filters={"id": place.task_id}):
            return
        time.sleep(POLL_SECONDS)


def _task(needs: Needs) -> TaskTemplate:
    return TaskTemplate(
        ContainerSpec(
            needs.image,
            command=["sleep", "infinity"],
            user="65534:65534",
            read_only=True,
            cap_drop=["ALL"],
            # `sleep` would ignore any other as the first process of its container.
            stop_signal="SIGKILL",
            healthcheck=Healthcheck(test=["NONE"]),
        ),
        resources=Resources(
            mem_limit=TASK_MEMORY,
            cpu_reservation=int(needs.cpus * 1e9),
            mem_reservation=needs.memory_mb * MEGABYTE,
        ),
        restart_policy=RestartPolicy(condition="none"),
        placement=Placement(constraints=list(needs.constraints)),
    )


def _update(client: DockerClient, place: Place, **changes: Any) -> None:
    """Update the service; one that another worker changed meanwhile is read again by the caller.

    The rest stays as it was written: with the defaults that a manager adds to what it returns, it
    would be a change that replaces the task.
    """
    spec = place.spec
    template = {**spec["TaskTemplate"], **changes.pop("task_template")}
    try:
        client.api.update_service(
            place.id,
            place.version,
            template,
            **{"name": spec["Name"], "labels": spec["Labels"], "mode": spec["Mode"]} | changes,
        )
    except NotFound:
        return
    except APIError as error:
        if "out of sequence" not in engine_message(error):
            raise


def _place(service: Any, tasks: Sequence[Any]) -> Place:
    spec = service["Spec"]
    labels = spec.get("Labels") or {}
    newest = sorted(tasks, key=lambda task: parse_time(task["CreatedAt"]), reverse=True)
    live = [task for task in newest if task["DesiredState"] not in ("shutdown", "remove")]
    holding = [task for task in live if task["Status"]["State"] in HOLDING]
    node_id = labels.get(NODE_LABEL) or next((task.get("NodeID") for task in holding), None)
    held = [task for task in holding if task.get("NodeID") == node_id]
    undecided = [task for task in live if task["Status"]["State"] in UNDECIDED]
    # Those before a change of the service say nothing about it.
    forced = spec["TaskTemplate"].get("ForceUpdate", 0)
    current = [task for task in newest if task["Spec"].get("ForceUpdate", 0) == forced]
    shown = undecided or [task for task in current if task["Status"]["State"] not in HOLDING]
    return Place(
        id=service["ID"],
        version=service["Version"]["Index"],
        workspace=labels.get(WORKSPACE_LABEL, ""),
        created_at=parse_time(service["CreatedAt"]),
        node_id=node_id,
        is_settled=NODE_LABEL in labels,
        is_held=bool(held),
        task_id=held[0]["ID"] if held else None,
        is_undecided=bool(undecided) or not current,
        has_task=bool(current),
        problem=(shown[0]["Status"].get("Err", "") if shown else "").rstrip("."),
        spec=spec,
    )

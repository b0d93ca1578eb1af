"""Find the machine of a workspace, or have Swarm choose one."""

from dataclasses import dataclass

from operations.provisioners.base import Log, NoRoomError, ProvisionError, WorkspaceGoneError
from operations.provisioners.docker.naming import Names
from operations.provisioners.swarm import places, reasons
from operations.provisioners.swarm.manager import Swarm
from operations.provisioners.swarm.nodes import Node
from operations.provisioners.swarm.options import SwarmOptions
from operations.provisioners.swarm.places import (
    Needs,
    NoTaskError,
    NotPlacedError,
    Place,
)
from operations.provisioners.swarm.services import pinned_image


@dataclass(frozen=True)
class Request:
    """What a workspace needs of a machine."""

    names: Names
    cpus: float
    memory_mb: int
    is_new: bool
    """Whether it may have no disk yet. One that has a disk stays on its machine."""


def hold_place(swarm: Swarm, options: SwarmOptions, request: Request, log: Log) -> Node:
    """Return the machine of the workspace's place, which is made if need be.

    Raises:
        NoRoomError: if no machine can take it now.
        MachineDownError: if it is not new, and its machine is down.
        WorkspaceGoneError: if it is not new, and no machine has it.
        ProvisionError: if that cannot be found out.
    """
    client, names = swarm.client, request.names
    place = places.find_place(client, names)
    node = node_of(swarm, place)
    if node is not None and node.is_down and not request.is_new:
        raise swarm.machine_down(node)
    if place is not None and place.node_id is not None and node is None:
        log("The workspace's machine was removed from the swarm.")
        places.remove_place(client, names)
        place = None
    if place is None and not request.is_new:
        node = find_disk(swarm, names, "start")
    is_made_now = place is None
    needs = _needs(swarm, options, request, node)
    try:
        if place is None:
            places.create_place(client, names, needs)
        elif not place.is_held and not place.is_undecided:
            if node is not None and not node.takes_new:
                raise NotPlacedError("")
            places.hold_again(client, place, needs)
        place = _await_decision(swarm, request, needs)
    except NotPlacedError as error:
        if node is not None and _is_running_on(swarm, node, names):
            # It lost its place while it runs, as after a drain: it goes on until its end.
            return node
        if node is None or request.is_new or is_made_now:
            # Otherwise Swarm would give the next free machine to it, in whatever order, and even
            # if nobody waits for it any more. What is new may also go to another machine.
            places.remove_place(client, names)
        if node is None:
            raise NoRoomError("start", reasons.no_machine_free(error.reason)) from None
        raise NoRoomError("start", reasons.own_machine_full(error.reason, node)) from None
    return _settle(swarm, place, names, log)


def _is_running_on(swarm: Swarm, node: Node, names: Names) -> bool:
    return node.has_agent and swarm.engine_on(node).is_running(names.workspace)


def _await_decision(swarm: Swarm, request: Request, needs: Needs) -> Place:
    try:
        return places.await_decision(swarm.client, request.names)
    except NoTaskError:
        place = places.find_place(swarm.client, request.names)
        if place is not None:
            places.hold_again(swarm.client, place, needs)
        return places.await_decision(swarm.client, request.names)


def find_disk(swarm: Swarm, names: Names, step: str) -> Node:
    """Return the machine that has the disk of a workspace without a place.

    Raises:
        WorkspaceGoneError: if no machine has it.
        ProvisionError: if a machine cannot be asked: it may have it.
    """
    for node in swarm.nodes.values():
        if not node.has_agent:
            raise ProvisionError(
                step,
                f"The machine {node.hostname} is {node.condition}, so nobody knows whether it has "
                "the workspace's files. If it is gone for good: docker node rm --force "
                f"{node.hostname}",
            )
    for node, has_disk in swarm.ask_all(lambda engine: engine.has_disk(names.workspace)):
        if has_disk:
            return node
    raise WorkspaceGoneError(step, "No machine of the swarm has the workspace.")


def node_of(swarm: Swarm, place: Place | None) -> Node | None:
    """Return the machine of a place, if one was chosen and still belongs to the swarm."""
    if place is None or place.node_id is None:
        return None
    return swarm.nodes.get(place.node_id)


def _settle(swarm: Swarm, place: Place, names: Names, log: Log) -> Node:
    node = node_of(swarm, place)
    if node is None:
        raise ProvisionError("start", "Swarm chose a machine that has joined it just now.")
    if not place.is_settled:
        places.settle(swarm.client, place, names.labels())
        log(f"Swarm chose the machine {node.hostname}.")
    return node


def _needs(swarm: Swarm, options: SwarmOptions, request: Request, node: Node | None) -> Needs:
    # The disk is where it is, whatever is allowed for new workspaces by now.
    constraints = options.constraints if node is None else (f"node.id=={node.id}",)
    image = pinned_image(swarm.client, options.machine.helper_image)
    return Needs(image, request.cpus, request.memory_mb, constraints)

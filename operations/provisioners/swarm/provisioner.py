"""Workspaces on the machines of a Docker Swarm.

Swarm chooses the machine: a workspace's place (`places`) reserves its processors and memory there.
On that machine the Docker provisioner makes the workspace, as it does on a single engine, through
the machine's agent (`agents`).
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from operations.provisioners.base import (
    Log,
    Machine,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceSpec,
)
from operations.provisioners.deadlines import is_written
from operations.provisioners.docker import naming
from operations.provisioners.docker.engine import CHECK_TIMEOUT_SECONDS
from operations.provisioners.docker.naming import Names
from operations.provisioners.docker.provisioner import ALREADY_GONE, DockerProvisioner
from operations.provisioners.file_look import FileLook, Stamp
from operations.provisioners.swarm import places
from operations.provisioners.swarm.machines import list_machines
from operations.provisioners.swarm.manager import Swarm, connect_manager
from operations.provisioners.swarm.nodes import Node
from operations.provisioners.swarm.options import SwarmOptions
from operations.provisioners.swarm.placing import Request, find_disk, hold_place, node_of

NODE_KEY, MACHINE_KEY = "node", "machine"
"""Of `Workspace.state`: the id and the name of the workspace's machine."""

PLACE_REMOVED = "Gave the workspace's place back to Swarm."


class SwarmProvisioner:
    """Runs each workspace on the machine that a Docker Swarm chooses for it."""

    name = "swarm"
    # A start may wait for a machine.
    patience = timedelta(minutes=10)
    isolates = DockerProvisioner.isolates

    def __init__(self, options: SwarmOptions) -> None:
        self._options = options

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """Have Swarm reserve what a new workspace needs on one of its machines."""
        with connect_manager(self._options, "start") as swarm:
            request = self._request(workspace_name, cpus, memory_mb, is_new=True)
            hold_place(swarm, self._options, request, log)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        """Return the running workspace, or start it on the machine that has it or its place."""
        is_new = spec.files is not None or spec.archive is not None
        with connect_manager(self._options, "start") as swarm:
            request = self._request(spec.workspace_name, spec.cpus, spec.memory_mb, is_new=is_new)
            node = hold_place(swarm, self._options, request, log)
            engine = swarm.engine_on(node, is_to_start=True)
        workspace = engine.provision(spec, log)
        return replace(workspace, state=workspace.state | _machine_of(node))

    def is_ready(self, workspace: Workspace) -> Readiness:
        """Return whether the editor answers, as its machine's engine does; and what Swarm says."""
        with self._check("health") as swarm:
            node = self._known_node(swarm, workspace)
            if node is None:
                return Readiness(False, "No machine of the swarm has this workspace.")
            if not node.is_ready:
                return Readiness(False, f"The machine {node.hostname} is {node.condition}.")
            engine = swarm.engine_on(node)
        readiness = engine.is_ready(workspace)
        if readiness.ready or not node.condition:
            return readiness
        also = f"The machine {node.hostname} is {node.condition}."
        return Readiness(False, " ".join(filter(None, (readiness.reason, also))))

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        """Write the deadline into the sidecar, unless this process did so a short time ago."""
        if is_written(self._names(workspace.id).editor, ends_at):
            return
        with self._check("health") as swarm:
            node = self._known_node(swarm, workspace)
            engine = swarm.engine_on(node) if node is not None else None
        if engine is not None:
            engine.set_deadline(workspace, ends_at)

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        """Return whether code-server lets nobody sign in after too many wrong passwords."""
        with self._check("health") as swarm:
            node = self._known_node(swarm, workspace)
            engine = swarm.engine_on(node) if node is not None else None
        return engine is not None and engine.is_sign_in_refused(workspace)

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        """Yield a look at the candidate's folder, as its machine's engine does."""
        with self._check("keep") as swarm:
            node = self._known_node(swarm, workspace)
            if node is None:
                raise ProvisionError("keep", "The workspace isn't running.")
            engine = swarm.engine_on(node)
        with engine.look_at_files(workspace, since_ns, starting_paths, known) as look:
            yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        """End every process in the workspace, then pack its files at `path`."""
        with connect_manager(self._options, "save") as swarm:
            names = self._names(workspace.id)
            place = places.find_place(swarm.client, names)
            node = node_of(swarm, place) or find_disk(swarm, names, "save")
            engine = swarm.engine_on(node)
        return engine.export(workspace, path, starting_paths)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove the workspace from its machine, then its place.

        What is on a machine that is down is found by `list_owned` once it is back.
        """
        with connect_manager(self._options, "remove") as swarm:
            names = self._names(workspace.id)
            node = node_of(swarm, places.find_place(swarm.client, names))
            lines: list[str] = []
            for each in swarm.nodes.values() if node is None else (node,):
                if each.is_ready:
                    swarm.engine_on(each).destroy(workspace, lines.append)
                else:
                    log(
                        f"The machine {each.hostname} is {each.condition}. What it has of the "
                        "workspace is removed when it is back."
                    )
            place = places.remove_place(swarm.client, names)
            if place is not None and node is not None and node.has_agent:
                places.await_release(swarm.client, place)
        done = [line for line in lines if line != ALREADY_GONE]
        for line in done or [PLACE_REMOVED if place is not None else ALREADY_GONE]:
            log(line)

    def list_owned(self) -> list[OwnedWorkspace]:
        """List the workspaces that have a place, or a part left on a machine that answers."""
        found: dict[str, OwnedWorkspace] = {}
        with connect_manager(self._options, "list") as swarm:
            # Of a machine that is down or drained, only the places are known.
            for node, owned in swarm.ask_all(DockerProvisioner.list_owned):
                for each in owned:
                    each = replace(each, state=each.state | _machine_of(node))
                    found[each.id] = _merge(found.get(each.id), each)
            # After the machines: a workspace has its place first, and gives it back last.
            for place in places.list_places(swarm.client, self._options.platform):
                place_node = node_of(swarm, place)
                state = _machine_of(place_node) if place_node is not None else {}
                each = OwnedWorkspace(place.workspace, place.created_at, state)
                found[each.id] = _merge(found.get(each.id), each)
        return sorted(found.values(), key=lambda each: each.id)

    def list_machines(self) -> list[Machine]:
        """List the machines of the swarm that may have workspaces or have one."""
        with connect_manager(self._options, "list") as swarm:
            return list_machines(swarm, self._options)

    def _known_node(self, swarm: Swarm, workspace: Workspace) -> Node | None:
        """Return the machine of the workspace's place, or else the one that it was last on."""
        place = places.find_place(swarm.client, self._names(workspace.id))
        return node_of(swarm, place) or swarm.nodes.get(workspace.state.get(NODE_KEY, ""))

    @contextmanager
    def _check(self, step: str) -> Iterator[Swarm]:
        with connect_manager(self._options, step, timeout_seconds=CHECK_TIMEOUT_SECONDS) as swarm:
            yield swarm

    def _request(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, *, is_new: bool
    ) -> Request:
        machine = self._options.machine
        return Request(
            self._names(workspace_name),
            cpus or machine.cpus,
            memory_mb or machine.memory_mb,
            is_new=is_new,
        )

    def _names(self, workspace_name: str) -> Names:
        return naming.names_of(self._options.platform, workspace_name)


def _machine_of(node: Node) -> dict[str, Any]:
    return {NODE_KEY: node.id, MACHINE_KEY: node.hostname}


def _merge(first: OwnedWorkspace | None, second: OwnedWorkspace) -> OwnedWorkspace:
    if first is None:
        return second
    # The parts on the machine say more than the place.
    return OwnedWorkspace(first.id, min(first.since, second.since), second.state | first.state)

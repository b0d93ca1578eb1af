"""What is free on the machines of a swarm, by what is reserved there."""

from collections import Counter

from operations.provisioners.base import Machine, MachineState
from operations.provisioners.swarm.manager import Swarm
from operations.provisioners.swarm.nodes import DRAINED, MEGABYTE, READY, Node
from operations.provisioners.swarm.options import SwarmOptions
from operations.provisioners.swarm.places import HOLDING, list_places

_STATES = {"down": MachineState.DOWN, "disconnected": MachineState.DOWN}
_AVAILABILITIES = {DRAINED: MachineState.DRAINED, "pause": MachineState.PAUSED}


def list_machines(swarm: Swarm, options: SwarmOptions) -> list[Machine]:
    """List all machines, by name. What other services reserve is not free either."""
    cpus: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    for task in swarm.client.api.tasks(filters={"desired-state": "running"}):
        reserved = (task["Spec"].get("Resources") or {}).get("Reservations") or {}
        if task["Status"]["State"] in HOLDING:
            cpus[task["NodeID"]] += reserved.get("NanoCPUs", 0)
            memory[task["NodeID"]] += reserved.get("MemoryBytes", 0)
    places = Counter(place.node_id for place in list_places(swarm.client, options.platform))
    machines = [
        Machine(
            name=node.hostname,
            state=_state(node),
            workspaces=places[node.id],
            cpus=node.cpus,
            free_cpus=max(round(node.cpus - cpus[node.id] / 1e9, 2), 0),
            memory_mb=node.memory_mb,
            free_memory_mb=max(node.memory_mb - memory[node.id] // MEGABYTE, 0),
        )
        for node in swarm.nodes.values()
    ]
    return sorted(machines, key=lambda machine: machine.name)


def _state(node: Node) -> MachineState:
    if node.state != READY:
        return _STATES.get(node.state, MachineState.UNKNOWN)
    return _AVAILABILITIES.get(node.availability, MachineState.READY)

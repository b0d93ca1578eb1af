"""The machines of a swarm, as a manager describes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.provisioners.docker.naming import parse_time

HOST_LABEL = "takehome.host"
"""Of a node: the name or address under which browsers reach it, if that is not its own."""

READY, DOWN = "ready", "down"
ACTIVE, DRAINED = "active", "drain"
# Swarm's words, and ours for people.
STATES = {DOWN: "down", "disconnected": "disconnected", "unknown": "not known to Swarm"}
AVAILABILITIES = {DRAINED: "drained", "pause": "paused"}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Node:
    """One machine. `cpus` and `memory_mb` are all that it has, free or not."""

    id: str
    hostname: str
    state: str
    availability: str
    address: str
    """The address under which the other machines know it."""
    host: str
    """The name or address under which browsers reach it."""
    cpus: float
    memory_mb: int
    changed_at: datetime | None = None
    """When what the swarm knows of it changed last, by the manager's clock: of one that is down,
    when it was missed, or when somebody changed its labels since."""

    @property
    def is_down(self) -> bool:
        """Whether Swarm misses it: it is dead, or cut off the network."""
        return self.state == DOWN

    @property
    def is_ready(self) -> bool:
        """Whether Swarm hears from it. Otherwise nothing can be asked of it."""
        return self.state == READY

    @property
    def has_agent(self) -> bool:
        """Whether an agent should run there. Swarm ends every task of a machine that is drained."""
        return self.is_ready and self.availability != DRAINED

    @property
    def takes_new(self) -> bool:
        return self.is_ready and self.availability == ACTIVE

    @property
    def condition(self) -> str:
        """What keeps it from being used, as in "The machine a is down."; empty if nothing does."""
        if not self.is_ready:
            return STATES.get(self.state, self.state)
        return AVAILABILITIES.get(self.availability, "")


def parse_node(node: Any) -> Node:
    """Return the node that the manager describes."""
    spec, description, status = node["Spec"], node.get("Description") or {}, node["Status"]
    address = status.get("Addr") or ""
    manager = (node.get("ManagerStatus") or {}).get("Addr", "")
    if address in ("", "0.0.0.0", "127.0.0.1") and manager:  # noqa: S104 - compared, not bound
        # A manager does not always know its own address, but always the one that it advertises.
        address = manager.rpartition(":")[0].strip("[]")
    resources = description.get("Resources") or {}
    return Node(
        id=node["ID"],
        hostname=description.get("Hostname") or node["ID"],
        state=status["State"],
        availability=spec.get("Availability", ACTIVE),
        address=address,
        host=(spec.get("Labels") or {}).get(HOST_LABEL) or address,
        cpus=resources.get("NanoCPUs", 0) / 1e9,
        memory_mb=resources.get("MemoryBytes", 0) // MEGABYTE,
        changed_at=parse_time(node["UpdatedAt"]) if "UpdatedAt" in node else None,
    )

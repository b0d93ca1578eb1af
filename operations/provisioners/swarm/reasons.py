"""Turn Swarm's reasons for not placing a task into sentences that staff reads."""

import re

from operations.provisioners.swarm.nodes import Node

# A clause of the scheduler, and ours; `many` and `one` are for the number of machines.
CLAUSES = (
    (
        re.compile(r"insufficient resources on (\d+) nodes?"),
        "too few free processors or too little free memory on {machines}",
    ),
    (
        re.compile(r"scheduling constraints not satisfied on (\d+) nodes?"),
        "SWARM_CONSTRAINTS rules out {machines}",
    ),
    (re.compile(r"(\d+) nodes? not available for new tasks"), "{machines} down, drained or paused"),
    (
        re.compile(r"unsupported platform on (\d+) nodes?"),
        "the image isn't for the processors of {machines}",
    ),
)


def no_machine_free(reason: str) -> str:
    """Return the sentence for a workspace that no machine of the swarm can take."""
    clauses = _clauses(reason)
    return f"No machine is free: {', '.join(clauses)}." if clauses else "No machine is free."


def own_machine_full(reason: str, node: Node) -> str:
    """Return the sentence for a workspace whose files are on a machine that cannot take it now."""
    if node.condition:
        return f"The machine {node.hostname}, which has the workspace's files, is {node.condition}."
    return (
        f"The machine {node.hostname}, which has the workspace's files, has too few free "
        "processors or too little free memory."
    )


def _clauses(reason: str) -> list[str]:
    found = []
    for pattern, text in CLAUSES:
        if match := pattern.search(reason):
            number = int(match[1])
            machines = "1 machine" if number == 1 else f"{number} machines"
            found.append(text.format(machines=machines))
    return found

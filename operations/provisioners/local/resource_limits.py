"""What a local workspace may use of this machine: what can be held here, and what is only a wish.

Linux holds both without rights of its own: which processors a process may run on, and how much
memory it may write (RLIMIT_DATA), are inherited by all that it starts. RLIMIT_AS would count the
addresses that Node.js reserves, gigabytes of them; a cgroup, which would hold their sum, needs
rights that a developer's shell has not.
"""

import math
import os
import random
import sys
from dataclasses import dataclass, field

MEGABYTE = 1024 * 1024
# Node.js reserves so much as writable for the code it compiles, and uses a small part of it.
RESERVED_MB = 512


@dataclass(frozen=True)
class Limits:
    """How the launcher is to start the workspace, and what staff should know of it."""

    options: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def limits(cpus: float | None, memory_mb: int | None) -> Limits:
    """What can be held of these wishes here; None: there is none."""
    found = Limits()
    if cpus is not None:
        _hold_cpus(found, math.ceil(cpus))
    if memory_mb is not None:
        _hold_memory(found, memory_mb)
    return found


def _hold_cpus(found: Limits, wanted: int) -> None:
    if not hasattr(os, "sched_getaffinity"):
        found.sentences.append(
            f"The workspace is meant for {_processors(wanted)}, which this system cannot hold: "
            "it may use all."
        )
        return
    here = sorted(os.sched_getaffinity(0))
    if wanted >= len(here):
        found.sentences.append(
            f"The workspace may use {_processors(len(here))}: this machine has no more."
        )
        return
    # Not the first ones: several workspaces would share those.
    chosen = sorted(random.sample(here, wanted))
    found.options.append("--cpus=" + ",".join(map(str, chosen)))
    found.sentences.append(f"The workspace may use {_processors(wanted)} of {len(here)}.")


def _hold_memory(found: Limits, memory_mb: int) -> None:
    if sys.platform != "linux":
        found.sentences.append(
            f"The workspace is meant for {memory_mb} MB of memory, which this system cannot hold: "
            "it may use more."
        )
        return
    found.options.append(f"--data={(memory_mb + RESERVED_MB) * MEGABYTE}")
    found.sentences.append(
        f"Each program of the workspace may use {memory_mb} MB of memory, besides {RESERVED_MB} MB "
        "that Node.js reserves; the sum of them is not held here."
    )


def _processors(count: int) -> str:
    return "1 processor" if count == 1 else f"{count} processors"

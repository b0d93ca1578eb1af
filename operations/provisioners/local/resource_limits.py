"""The processor and memory limits of a local workspace, as far as this system can enforce them.

Linux enforces both without special rights: child processes inherit the allowed processors and the
limit of writable memory (RLIMIT_DATA). RLIMIT_AS would not work, because Node.js reserves gigabytes
of addresses. A cgroup could limit the sum of all processes, but a developer's shell may not create
one.
"""

import math
import os
import random
import sys
from dataclasses import dataclass, field

MEGABYTE = 1024 * 1024
# Node.js reserves this much writable memory for compiled code, and uses a small part of it.
RESERVED_MB = 512


@dataclass(frozen=True)
class ResourceLimits:
    """The launcher's options, and the lines about the limits for the operation's log."""

    options: list[str] = field(default_factory=list)
    log_lines: list[str] = field(default_factory=list)


def resource_limits(cpus: float | None, memory_mb: int | None) -> ResourceLimits:
    """Return the limits that this system can enforce; None means no limit."""
    limits = ResourceLimits()
    if cpus is not None:
        _limit_cpus(limits, math.ceil(cpus))
    if memory_mb is not None:
        _limit_memory(limits, memory_mb)
    return limits


def _limit_cpus(limits: ResourceLimits, count: int) -> None:
    if not hasattr(os, "sched_getaffinity"):
        limits.log_lines.append(
            f"The workspace is meant to use {_processors(count)}, but this system can't enforce "
            "that. It can use all."
        )
        return
    available = sorted(os.sched_getaffinity(0))
    if count >= len(available):
        limits.log_lines.append(
            f"The workspace can use {_processors(len(available))}. This machine has no more."
        )
        return
    # Random ones, so that workspaces do not all share the first ones.
    chosen = sorted(random.sample(available, count))
    limits.options.append("--cpus=" + ",".join(map(str, chosen)))
    limits.log_lines.append(f"The workspace can use {_processors(count)} of {len(available)}.")


def _limit_memory(limits: ResourceLimits, memory_mb: int) -> None:
    if sys.platform != "linux":
        limits.log_lines.append(
            f"The workspace is meant to use {memory_mb} MB of memory, but this system can't "
            "enforce that. It can use more."
        )
        return
    limits.options.append(f"--data={(memory_mb + RESERVED_MB) * MEGABYTE}")
    limits.log_lines.append(
        f"Each program of the workspace can use {memory_mb} MB of memory, besides {RESERVED_MB} MB "
        "that Node.js reserves. Their sum isn't limited here."
    )


def _processors(count: int) -> str:
    return "1 processor" if count == 1 else f"{count} processors"

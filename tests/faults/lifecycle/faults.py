"""What goes wrong in one process of the model, and at which moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from operations.provisioners.base import ProvisionError
from tests.faults.lifecycle.tables import TablesAwayError


class Killed(BaseException):
    """As kill -9 does: the process does nothing any more, and must not catch it."""


class FaultKind(StrEnum):
    # The process is killed before, or right after, what it does at this moment.
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    # The table server or the engine is not reached, or its answer is lost.
    FAILS = "fails"
    ANSWER_LOST = "answer lost"
    # The process stands still while time passes and others work.
    STALLS = "stalls"
    # The worker is asked to stop.
    SHUTDOWN = "shutdown"


@dataclass(frozen=True)
class Fault:
    """`at` counts the requests and the engine's calls of the process, from 1."""

    at: int
    kind: FaultKind
    seconds: int = 0
    # What others do meanwhile: the name of a step and which interview, message or reader.
    meanwhile: tuple[tuple[str, int], ...] = ()


@dataclass
class Process:
    """A worker's task or a request, from its first moment to its last."""

    fault: Fault | None = None
    moments: int = 0
    is_dead: bool = False
    # True if its fault came about.
    is_faulty: bool = False
    # The operations that it renews the leases of, with the tokens.
    leases: list[tuple[str, str]] = field(default_factory=list)

    def begin_moment(self) -> Fault | None:
        """Count one more moment; return the fault that is due at it."""
        if self.is_dead:
            raise Killed
        self.moments += 1
        if self.fault is None or self.moments != self.fault.at:
            return None
        self.is_faulty = True
        return self.fault

    def die(self) -> None:
        self.is_dead = True
        raise Killed


def run_with_fault(process: Process, fault: Fault, where: str, act: Callable[[], Any]) -> Any:
    """What comes of `act` at the moment of a fault that is neither a stall nor a shutdown."""
    if fault.kind is FaultKind.KILLED_BEFORE:
        process.die()
    if fault.kind is not FaultKind.FAILS:
        answer = act()
        if fault.kind is FaultKind.KILLED_AFTER:
            process.die()
        if fault.kind is not FaultKind.ANSWER_LOST:
            return answer
    if where.startswith("engine"):
        raise ProvisionError(where.partition(" ")[2], "The engine does not answer.")
    raise TablesAwayError

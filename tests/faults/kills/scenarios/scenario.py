"""What a scenario is: how it begins, the act during which the process dies, and how it must end."""

from collections.abc import Callable
from dataclasses import dataclass

from interviews import queries
from interviews.lifecycle import Status
from tests.faults.kills.world import Case, World

Act = Callable[[World, Case], object]
Done = Callable[[World, Case], bool]


def in_status(*statuses: Status) -> Done:
    """Whether the case's interview has one of these statuses."""

    def is_done(world: World, case: Case) -> bool:
        interview = queries.get_interview(case["id"])
        return interview is not None and interview.state in statuses

    return is_done


@dataclass(frozen=True)
class Scenario:
    """One act. If a person asks for it, they ask again when it is not done after a while; what
    workers and timers do must be done without that."""

    name: str
    prepare: Callable[[World], Case]
    act: Act
    is_done: Done
    by_person: bool = False

    def __str__(self) -> str:
        return self.name

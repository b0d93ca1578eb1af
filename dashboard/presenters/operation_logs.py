"""The operations of an interview as staff sees them: each with its steps and its log."""

from dataclasses import dataclass
from datetime import datetime

from operations.lifecycle import OperationStatus, OperationType
from operations.models import Operation
from operations.operation_log import OperationLog

# Lines per answer. The page asks again after a full one.
LINES = 500
TITLES = {
    OperationType.CREATE: "Start the workspace",
    OperationType.RESTART: "Start the workspace again",
    OperationType.DESTROY: "End and tear down",
}
STEPS = {"provision": "Provision", "configure": "Configure", "save": "Save", "destroy": "Destroy"}


@dataclass(frozen=True)
class Step:
    """A step and how long it took: in words, or since when it has been going on."""

    name: str
    took: str
    since: datetime | None
    tries: int


@dataclass(frozen=True)
class Section:
    """One operation, with the lines of its log."""

    operation: Operation
    is_open: bool
    lines: list[OperationLog]

    @property
    def title(self) -> str:
        return TITLES[OperationType(self.operation.type)]

    @property
    def waited(self) -> str:
        """How long it was before a worker took it on, where that is worth a word."""
        operation = self.operation
        if operation.started_at is None:
            return ""
        seconds = (operation.started_at - operation.created_at).total_seconds()
        return _took(seconds) if seconds >= 1 else ""

    @property
    def steps(self) -> list[Step]:
        """In order; a step that was repeated at once is one, from its first try to its last."""
        operation = self.operation
        runs: list[tuple[str, datetime, int]] = []
        for step in operation.steps:
            if runs and runs[-1][0] == step.name:
                runs[-1] = (step.name, runs[-1][1], runs[-1][2] + 1)
            else:
                runs.append((step.name, step.at, 1))
        ends = [*(at for _, at, _ in runs[1:]), operation.finished_at_precise]
        return [
            Step(
                STEPS.get(name, name.capitalize()),
                took=_took((end - at).total_seconds()) if end is not None else "",
                since=at if end is None and operation.is_unfinished else None,
                tries=tries,
            )
            for (name, at, tries), end in zip(runs, ends, strict=False)
        ]

    @property
    def retries_at(self) -> datetime | None:
        """When it is tried again after a failure."""
        operation = self.operation
        if operation.status != OperationStatus.PENDING or not operation.failures:
            return None
        at: datetime | None = operation.due_at
        return at


def _took(seconds: float) -> str:
    """3.4 -> "3.4 s", 75.2 -> "1 min 15 s"."""
    if seconds < 60:
        return f"{max(seconds, 0.1):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"

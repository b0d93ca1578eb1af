"""The operations of an interview as its log shows them: steps, durations and lines."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.presenters import durations
from interviews.models import Interview
from operations import models, operation_log
from operations.models import Operation
from operations.operation_log import OperationLog

# Lines per answer. The page asks again after a full one.
LINES = 500
# Of so many operations the lines come at once; those of older ones when they are opened.
UNFOLDED = 3
TITLES = {
    models.OperationType.CREATE: "Start the workspace",
    models.OperationType.RESTART: "Start the workspace again",
    models.OperationType.DESTROY: "End and tear down",
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
        return TITLES[models.OperationType(self.operation.type)]

    @property
    def waited(self) -> str:
        """How long it was before a worker took it on, where that is worth a word."""
        operation = self.operation
        if operation.started_at is None:
            return ""
        seconds = (operation.started_at - operation.created_at).total_seconds()
        return durations.step(seconds) if seconds >= 1 else ""

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
        ends = [*(at for _, at, _ in runs[1:]), operation.done_at]
        return [
            Step(
                STEPS.get(name, name.capitalize()),
                took=durations.step((end - at).total_seconds()) if end is not None else "",
                since=at if end is None and operation.is_unfinished else None,
                tries=tries,
            )
            for (name, at, tries), end in zip(runs, ends, strict=False)
        ]

    @property
    def retries_at(self) -> datetime | None:
        """When it is tried again after a failure."""
        operation = self.operation
        if operation.status != models.OperationStatus.PENDING or not operation.failures:
            return None
        at: datetime | None = operation.due_at
        return at


def log_context(interview: Interview) -> dict[str, object]:
    """What _log.html shows, in the dialog and on the interview's page."""
    newest_first = models.of_interview(interview.id)
    sections = [
        Section(
            operation,
            is_open=place < UNFOLDED,
            lines=operation_log.lines(operation.id, limit=LINES) if place < UNFOLDED else [],
        )
        for place, operation in enumerate(newest_first)
    ]
    return {"interview": interview, "sections": sections[::-1], "page_size": LINES}

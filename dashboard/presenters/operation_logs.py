"""View models of an interview's operations: their steps, durations and log lines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dashboard.presenters import durations
from interviews.models import Interview
from operations import models, operation_log
from operations.lifecycle import OperationStatus, OperationType
from operations.models import Operation
from operations.operation_log import OperationLog

# Most lines per response. The page requests more after a full one.
LINES = 500
# Only the newest operations come with their lines; older ones load them when opened.
UNFOLDED = 3
TITLES: dict[OperationType, Any] = {
    OperationType.CREATE: _("Start workspace"),
    OperationType.RESTART: _("Restart workspace"),
    OperationType.DESTROY: _("Save and shut down"),
}
STEPS: dict[str, Any] = {
    "provision": _("Create"),
    "configure": _("Wait until ready"),
    "save": _("Save files"),
    "destroy": _("Shut down"),
}
STATES = {
    OperationStatus.PENDING: _("queued"),
    OperationStatus.RUNNING: _("running"),
    OperationStatus.COMPLETED: _("done"),
    OperationStatus.FAILED: _("failed"),
    OperationStatus.CANCELLED: _("stopped"),
}


@dataclass(frozen=True)
class Step:
    """A step: how long it took, or since when it has been running."""

    name: str
    took: str
    since: datetime | None
    tries: int


@dataclass(frozen=True)
class Section:
    """One operation with the lines of its log."""

    operation: Operation
    is_open: bool
    lines: list[OperationLog]

    @property
    def title(self) -> str:
        return str(TITLES[OperationType(self.operation.type)])

    @property
    def state(self) -> str:
        return str(STATES[OperationStatus(self.operation.status)])

    @property
    def waited(self) -> str:
        """How long the operation waited for a worker, if it was at least a second."""
        operation = self.operation
        if operation.started_at is None:
            return ""
        seconds = (operation.started_at - operation.created_at).total_seconds()
        return durations.step(seconds) if seconds >= 1 else ""

    @property
    def steps(self) -> list[Step]:
        """The steps in order.

        Immediate retries of a step count as one, from the first try to the last.
        """
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
                str(STEPS.get(name, name.capitalize())),
                took=durations.step((end - at).total_seconds()) if end is not None else "",
                since=at if end is None and operation.is_unfinished else None,
                tries=tries,
            )
            for (name, at, tries), end in zip(runs, ends, strict=False)
        ]

    @property
    def retries_at(self) -> datetime | None:
        """When the operation is retried after a failure."""
        operation = self.operation
        if operation.status != OperationStatus.PENDING or not operation.failures:
            return None
        at: datetime | None = operation.due_at
        return at


def log_context(interview: Interview) -> dict[str, object]:
    """Template context of operation_logs/_log.html, in the dialog and on the interview's page."""
    newest_first = models.list_operations(interview.id)
    sections = [
        Section(
            operation,
            is_open=place < UNFOLDED,
            lines=operation_log.read_lines(operation.id, limit=LINES) if place < UNFOLDED else [],
        )
        for place, operation in enumerate(newest_first)
    ]
    return {"interview": interview, "sections": sections[::-1], "page_size": LINES}

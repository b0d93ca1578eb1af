"""The interface of a check runner, and its records.

Whatever a submission does, a run ends, and nothing of it is left. A runner derives every name from
that of the job, so that `remove` finds what a killed worker left behind.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

JOB_NAME = re.compile(r"[a-z0-9-]{1,64}")
# More than this is never read of a report, which may be several files.
MAX_REPORT_BYTES = 5 * 1024 * 1024
MAX_REPORT_FILES = 500
# How often a run looks at the clock and at `should_stop`, in seconds.
WATCH_SECONDS = 0.2


class StopReason(StrEnum):
    """Why a command was ended before it ended by itself."""

    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"


def require_job_name(name: str) -> None:
    """Check that every engine can name its parts by this.

    Raises:
        ValueError: if it can't.
    """
    if not JOB_NAME.fullmatch(name):
        raise ValueError(f"{name!r} isn't a valid name of a job")


class RunAbandonedError(Exception):
    """The caller stopped the run: it has no result."""


@dataclass(frozen=True)
class CheckJob:
    """One command to run. `folder` has the files: the submission with those of the check over it.

    `report` is the file or the folder, in `folder`, where the command writes JUnit XML; "" if it
    takes the path in $CHECK_REPORT. `seconds` are wall-clock time, `max_output_bytes` those of
    stdout and stderr together: a command that writes more is ended.
    """

    name: str
    folder: Path
    command: str
    report: str
    seconds: float
    memory_mb: int
    max_output_bytes: int

    def __post_init__(self) -> None:
        require_job_name(self.name)


@dataclass(frozen=True)
class CheckOutcome:
    """How a command ended. `exit_code` is None if it was ended, above 128 after a signal.

    `reports` are the files of the report; empty if there is none, or if it has more than
    MAX_REPORT_BYTES, of which `report_is_too_large` tells.
    """

    exit_code: int | None
    stopped: StopReason | None
    output: bytes
    reports: tuple[bytes, ...]
    report_is_too_large: bool = False
    seconds: float = 0.0


class CheckRunner(Protocol):
    """Runs checks on one engine. Every method raises ProvisionError if the engine fails."""

    name: str

    def run(self, job: CheckJob, should_stop: Callable[[], bool]) -> CheckOutcome:
        """Run the job to its end and remove all that it made, its `folder` excepted.

        Raises:
            RunAbandonedError: once `should_stop` returns True.
        """

    def remove(self, name: str) -> None:
        """End and remove what is left of a job of this name; nothing is fine."""

    def list_left(self) -> list[str]:
        """List the names of the jobs of which something is there, running or not."""


@dataclass
class BoundedOutput:
    """The first bytes of a program's output, and whether there were more."""

    limit: int
    content: bytes = b""
    is_exceeded: bool = False

    def add(self, chunk: bytes) -> None:
        room = self.limit - len(self.content)
        self.content += chunk[:room]
        self.is_exceeded = self.is_exceeded or len(chunk) > room

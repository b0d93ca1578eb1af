"""What an engine that runs workspaces must offer: the contract, its records and its one error.

A provisioner knows neither models nor events. Names derive from the interview id, so that every
call may be repeated: `provision` of what exists returns it, `destroy` of what is gone succeeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

Log = Callable[[str], None]
"""Takes a line for the operation's log, which staff reads; never a secret."""


@dataclass(frozen=True)
class Spec:
    """The workspace that is wanted."""

    interview_id: str
    password: str = field(repr=False)
    files: Mapping[str, bytes] | None = field(repr=False)
    """The challenge's starting files: relative POSIX path -> content. None: the workspace was there
    before and may hold a candidate's work, so that finding nothing of it is an error."""
    ends_at: datetime
    archive: Path | None = None
    """Files that were saved before (tar.gz, everything below one top folder): unpacked in place of
    `files`, where the workspace holds none yet."""
    cpus: float | None = None
    """How many processors the workspace may use; None: as the engine has it. A wish: an engine that
    cannot hold it says so in the log."""
    memory_mb: int | None = None
    """How much memory (MiB) it may use; as with `cpus`."""


@dataclass(frozen=True)
class Workspace:
    """A workspace that exists, or what is known of one that existed."""

    id: str
    """The interview's id."""
    url: str | None
    password: str | None = field(repr=False)
    state: dict[str, Any]
    """What the engine wants to be reminded of; fit for JSON, without secrets."""
    ends_at: datetime | None = None
    """When it is to end, as far as is known; it may have changed since it was provisioned."""


@dataclass(frozen=True)
class Owned:
    """A resource of ours that the engine holds; for the sweep of what nobody needs any more."""

    id: str
    since: datetime
    state: dict[str, Any]


class ProvisionError(Exception):
    """The engine could not do, or could not find out, what it was asked.

    `step` is one word for where it stopped, `sentence` is what a person can act on.
    """

    def __init__(self, step: str, sentence: str) -> None:
        super().__init__(step, sentence)
        self.step = step
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.step}: {self.sentence}"


class Provisioner(Protocol):
    """Runs workspaces. Every method raises ProvisionError, also when it could not look."""

    name: str

    def provision(self, spec: Spec, log: Log) -> Workspace:
        """Put the workspace there and return where; it need not answer yet."""

    def is_ready(self, workspace: Workspace) -> bool:
        """Whether it answers now; False only where it was seen not to.

        An engine whose workspaces end by themselves tells them `workspace.ends_at` here: every
        running one is looked at again and again."""

    def export(self, workspace: Workspace, path: Path) -> None:
        """Stop the candidate's programs and write the files as a tar.gz at `path`.

        Nothing is written to the workspace after its export, so the archive is the last word.
        """

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove everything of the workspace; only its `id` is needed."""

    def list_owned(self) -> list[Owned]:
        """Everything of ours that the engine holds."""

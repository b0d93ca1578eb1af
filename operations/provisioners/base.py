"""The interface of a provisioner, and its records; `errors` has its exceptions.

A provisioner knows neither models nor events. It derives every name on the engine from the
workspace's name, so that every call is idempotent: `provision` returns a workspace that exists,
and `destroy` succeeds if it is already gone.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from operations.provisioners.errors import MachineDownError as MachineDownError
from operations.provisioners.errors import NoRoomError as NoRoomError
from operations.provisioners.errors import ProvisionError as ProvisionError
from operations.provisioners.errors import WorkspaceGoneError as WorkspaceGoneError
from operations.provisioners.file_look import FileLook, Stamp

SIGN_IN_KEY, SIGN_IN_BY_FORM = "sign_in", "form"
"""Of `Workspace.state`: the editor has a sign-in at `login` below its address, which takes a form
with its `password` from another site, as code-server's does."""

SIGN_IN_REFUSED_KEY = "sign_in_refused"
"""Of `Workspace.state`: the last health check found that `is_sign_in_refused`."""


class Isolation(StrEnum):
    """What a workspace's programs are kept from, whatever they do. docs/engines.md has them all."""

    NEIGHBOURS = "neighbours"
    """Connections to other workspaces."""
    PLATFORM = "platform"
    """Connections to the engine's machine, the platform's services and the metadata of clouds."""
    INTERNET = "internet"
    """Connections to any other address, if `WorkspaceSpec.internet` is false."""
    PROCESSES = "processes"
    """Programs of other workspaces and of the machine: to see, end or slow them down."""
    DISK = "disk"
    """Files of others, and the space that those need."""


USUAL_PATIENCE = timedelta(minutes=5)
"""See `Provisioner.patience`."""

Log = Callable[[str], None]
"""Writes a line to the operation's log. Staff reads it, so it must never contain a secret."""


@dataclass(frozen=True)
class EditorFeatures:
    """What the editor of a workspace offers. Candidates can change the settings of their editor, so
    that this takes nothing away for good."""

    ai: bool = False
    """Its AI features."""
    extensions: bool = True
    """The gallery that extensions are installed from."""


@dataclass(frozen=True)
class WorkspaceSpec:
    """The workspace to provision."""

    workspace_name: str
    """The interview's id; a test that was reopened gets `-2`, `-3`, ... behind it, and one that
    left a machine that was down `-m1`, `-m2`, ..., so that late calls for an earlier workspace
    cannot touch the new one."""
    password: str = field(repr=False)
    files: Mapping[str, bytes] | None = field(repr=False)
    """The challenge's starting files: relative POSIX path -> content. None if the workspace existed
    before and may hold a candidate's work: not finding it is then an error."""
    ends_at: datetime
    """The deadline; see `Provisioner.set_deadline`."""
    executable: frozenset[str] = frozenset()
    """The paths in `files` that get the execute bit."""
    archive: Path | None = None
    """Saved files (tar.gz, everything below one top folder). A workspace without files gets these
    instead of `files`."""
    cpus: float | None = None
    """How many processors the workspace may use; None for the engine's default. An engine that
    cannot enforce it says so in the log."""
    memory_mb: int | None = None
    """How much memory (MiB) the workspace may use; the same rules as for `cpus`."""
    internet: bool = True
    """Whether its programs may reach other addresses, as far as the engine's own settings let them.
    An engine that cannot forbid it says so in the log; see `Isolation.INTERNET`."""
    features: EditorFeatures = EditorFeatures()


@dataclass(frozen=True)
class Workspace:
    """A workspace that exists, or the known facts about one that existed."""

    id: str
    """The workspace's name; see `WorkspaceSpec.workspace_name`."""
    url: str | None
    password: str | None = field(repr=False)
    state: dict[str, Any]
    """The provisioner's own notes about the workspace: JSON without secrets."""


@dataclass(frozen=True)
class OwnedWorkspace:
    """A workspace that the engine holds; the reaper looks for those that are no longer needed."""

    id: str
    """The workspace's name, not always an interview's id; see `WorkspaceSpec.workspace_name`."""
    since: datetime
    """When its oldest part was created."""
    state: dict[str, Any]


class MachineState(StrEnum):
    """Whether a machine takes new workspaces, and if not, why."""

    READY = "ready"
    PAUSED = "paused"
    """Its workspaces go on."""
    DRAINED = "drained"
    """Its workspaces go on, and cannot be asked or ended."""
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Machine:
    """A machine of an engine that chooses one for each workspace."""

    name: str
    state: MachineState
    workspaces: int
    """How many have their place there, running or not."""
    cpus: float
    free_cpus: float
    """Without what is reserved, however much of it is used."""
    memory_mb: int
    free_memory_mb: int


@dataclass(frozen=True)
class Readiness:
    """Whether a workspace answers; true if it does."""

    ready: bool
    reason: str | None = None
    """Why not, if more is known than that it does not answer yet: a sentence that staff reads, such
    as "The image is being pulled.", without a secret, and the same while nothing changes."""

    def __bool__(self) -> bool:
        return self.ready


class NotSavedReason(StrEnum):
    REGENERABLE = "regenerable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class NotSaved:
    """A file or folder of the candidate that an archive does not have."""

    path: str
    """Relative to the candidate's folder."""
    reason: NotSavedReason
    files: int | None = None
    """How many files are in a folder, at any depth; None if that is unknown."""
    bytes: int | None = None

    def __str__(self) -> str:
        if self.files is None or self.bytes is None:
            return self.path
        return f"{self.path} ({files_in_words(self.files)}, {_readable_size(self.bytes)})"


class Provisioner(Protocol):
    """Runs workspaces on one engine.

    Every method raises ProvisionError if it fails, also if it cannot find out the answer. A restart
    and an export raise WorkspaceGoneError if the files are lost, and MachineDownError if they are
    on a machine that is down. `provision` raises NoRoomError if a workspace that has a disk cannot
    be started for want of room.
    """

    name: str
    patience: timedelta
    """How long a workspace may take until it is ready, after `provision` returned; then its start
    fails. USUAL_PATIENCE, unless its workspaces are certainly faster or may have to wait for a
    machine; no more than 15 minutes, as a start as a whole has 20."""

    isolates: frozenset[Isolation]
    """What it keeps workspaces from, under its usual settings. What is not in it is possible."""

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """Keep room for a new workspace, whose `provision` follows; `cpus` and `memory_mb` are its.

        An engine that never knows whether it is full does nothing. `destroy` gives the room back.

        Raises:
            NoRoomError: if there is none now. Then nothing is kept.
        """

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        """Create or start the workspace and return its address; it need not answer yet."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        """Return whether the workspace answers, and why not; no check that failed says that."""

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        """Tell a running workspace when its time is over, if it ends by itself some time later.

        That is for a platform that is down: otherwise the platform ends it. Called when the
        deadline changes and after every health check, so that a lost call does not matter; one
        without a change must cost next to nothing. A workspace that does not run has no deadline
        until it is provisioned again.
        """

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        """Return whether the editor lets nobody sign in, because of too many wrong passwords.

        Asked only of a workspace that is ready and signs in by a form.
        """

    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> AbstractContextManager[FileLook]:
        """List the files of a running workspace, with the content of those that changed.

        Changed means at `since_ns` or later: the `started_ns` of an earlier look, or 0 for all.
        Of these, `known` ones were read by an earlier look: they come last, and without content
        where there is no room.
        Leaves out the same folders as `export`, holds no lock, and the candidate's programs go on
        meanwhile. Errors are raised while the files are read, too.
        """

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        """Stop the candidate's programs and write the files as a tar.gz at `path`.

        Folders with `starting_paths`, the paths of the challenge's files, are saved whatever their
        names. Returns what is not saved. Nothing writes to the workspace after its export, so the
        archive is final.
        """

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove all parts of the workspace; only its `id` is used."""

    def list_owned(self) -> Iterable[OwnedWorkspace]:
        """List the workspaces of this platform that the engine holds, running or not.

        They may be fetched page by page while they are read, and errors are raised then, too. What
        was read before an error is no list: the rest is unknown, not gone.
        """

    def list_machines(self) -> Sequence[Machine]:
        """List the machines by name; none of an engine that has no choice."""


def files_in_words(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def _readable_size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KB" if size < 1024**2 else f"{size / 1024**2:,.1f} MB"

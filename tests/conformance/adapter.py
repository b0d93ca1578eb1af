"""What the rules need of an engine: the adapter that each has here, and its patient calls."""

import gzip
import io
import secrets
import tarfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from operations.provisioners.base import (
    NotSaved,
    OwnedWorkspace,
    Provisioner,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.file_look import SeenFile, Stamp
from tests.operations.provisioners.conftest import PASSWORD, LogLines
from tests.services import wait_until

STARTING_FILES = {
    "README.md": b"# The task\n",
    "src/main.py": b"print(1)\n",
    "run.sh": b"#!/bin/sh\n",
}
EXECUTABLE = frozenset({"run.sh"})

Answer = TypeVar("Answer")


class CannotCallError(Exception):
    """A call of the engine failed as often as it was repeated, so that a rule cannot go on."""

    def __init__(self, call: str) -> None:
        super().__init__(f"{call} failed")
        self.call = call


@dataclass(frozen=True)
class Found:
    """The files of a workspace or of an archive, and which of them are executable."""

    files: dict[str, bytes]
    executable: set[str]


@dataclass(frozen=True)
class Exported(Found):
    """An export: its files by their path below its top folders, and what is not saved."""

    tops: set[str]
    not_saved: list[NotSaved]
    path: Path


class Adapter(ABC):
    """An engine under test. Each method that is abstract is what the contract does not offer: to
    act as a candidate does, and to let the engine's machine go wrong."""

    unproven: Mapping[str, str] = {}
    """The rules that are not asked of this engine here, each with the reason."""
    attempts = 1
    """How often a call is made that raises an error. One, but for engines that fail on purpose."""

    def __init__(self, provisioner: Provisioner, folder: Path) -> None:
        """`folder` is for archives."""
        self.provisioner = provisioner
        self.folder = folder
        self.log = LogLines()
        self.errors: list[Exception] = []
        """Every error that the engine raised."""

    @abstractmethod
    def another_worker(self) -> Provisioner:
        """Return a provisioner of the same platform, as another process has it."""

    @abstractmethod
    def another_platform(self) -> "Adapter":
        """Return an adapter of another platform on the same engine."""

    @abstractmethod
    def write(self, name: str, files: Mapping[str, bytes]) -> None:
        """Write files as the workspace's candidate does."""

    @abstractmethod
    def read(self, name: str) -> Found:
        """Return all files of a running workspace."""

    @abstractmethod
    def start_program(self, name: str) -> None:
        """Start a program in the workspace that writes the file `clock` again and again."""

    @abstractmethod
    def stop(self, name: str) -> None:
        """End the workspace's programs, as a restart of the engine's machine would."""

    @abstractmethod
    def reaches_others(self, names: Collection[str]) -> list[bool]:
        """Return for each running workspace whether a program in it can connect to a server that
        is no part of the platform."""

    @abstractmethod
    def sees_programs(self, name: str, of: str) -> bool:
        """Return whether a program in one workspace sees that of another (`start_program`)."""

    @abstractmethod
    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        """Return whether a program in one workspace can connect to another's editor."""

    @abstractmethod
    def stops_at(self, name: str) -> datetime | None:
        """Return when the workspace ends by itself, or None if it never does."""

    def on_mortal_machines(self) -> Provisioner | None:
        """Return a provisioner that starts workspaces on machines that can be lost, or None if the
        engine has one machine."""
        return None

    def lose_machine(self, name: str) -> None:
        """Take away the machine of a workspace of that provisioner, until the engine knows it."""
        raise NotImplementedError

    def bring_machine_back(self) -> None:
        """Bring back the machine that was lost, until the engine knows it."""
        raise NotImplementedError

    def remove_all(self) -> None:
        """Remove what the rule left."""
        for owned in self.provisioner.list_owned():
            self.provisioner.destroy(Workspace(owned.id, None, None, {}), self.log)

    def new_name(self) -> str:
        """Return a name as the platform makes it."""
        return f"takehome-{int(datetime.now(UTC).timestamp())}-{secrets.token_hex(5)}"

    def spec(self, **fields: Any) -> WorkspaceSpec:
        defaults: dict[str, Any] = {
            "workspace_name": self.new_name(),
            "password": PASSWORD,
            "files": STARTING_FILES,
            "executable": EXECUTABLE,
            # The engine keeps whole seconds.
            "ends_at": datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1),
        }
        return WorkspaceSpec(**defaults | fields)

    def new_path(self) -> Path:
        """Return a path at which there is no file."""
        return self.folder / f"{secrets.token_hex(8)}.tar.gz"

    # The calls, each repeated as the platform repeats it.

    def start(self, spec: WorkspaceSpec | None = None) -> Workspace:
        """Provision a workspace and wait until it answers; one that died is provisioned again."""
        spec = spec or self.spec()
        for _ in range(self.attempts):
            workspace = self.provision(spec)
            if self.becomes_ready(workspace):
                return workspace
        raise CannotCallError("is_ready")

    def becomes_ready(self, workspace: Workspace) -> bool:
        if self.attempts > 1:
            return any(self.is_ready(workspace).ready for _ in range(self.attempts))
        wait_until(lambda: self.is_ready(workspace), "The workspace does not answer.", 60)
        return True

    def provision(self, spec: WorkspaceSpec, *, by: Provisioner | None = None) -> Workspace:
        engine = by or self.provisioner
        workspace = self._call("provision", lambda: engine.provision(spec, self.log))
        if workspace.id != spec.workspace_name:
            raise CannotCallError("provision")
        return workspace

    def is_ready(self, workspace: Workspace) -> Readiness:
        return self._call("is_ready", lambda: self.provisioner.is_ready(workspace))

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        self._call("set_deadline", lambda: self.provisioner.set_deadline(workspace, ends_at))

    def look(
        self,
        workspace: Workspace,
        since_ns: int = 0,
        starting_paths: Collection[str] = (),
        known: Collection[Stamp] = (),
    ) -> tuple[int, dict[str, SeenFile]]:
        """Return the look's `started_ns` and its files by path, in their order."""

        def read_all() -> tuple[int, dict[str, SeenFile]]:
            looking = self.provisioner.look_at_files(workspace, since_ns, starting_paths, known)
            with looking as look:
                return look.started_ns, {file.path.decode(): file for file in look.files}

        return self._call("look_at_files", read_all)

    def export(
        self,
        workspace: Workspace,
        starting_paths: Collection[str] = (),
        path: Path | None = None,
    ) -> Exported:
        """Export the workspace, and read its archive."""
        path = path or self.new_path()
        not_saved = self._call(
            "export", lambda: self.provisioner.export(workspace, path, starting_paths)
        )
        try:
            return read_archive(path, not_saved)
        except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
            raise CannotCallError("export") from error

    def destroy(self, workspace: Workspace) -> None:
        self._call("destroy", lambda: self.provisioner.destroy(workspace, self.log))

    def list_all(self) -> list[OwnedWorkspace]:
        return self._call("list_owned", lambda: list(self.provisioner.list_owned()))

    def list_owned(self) -> dict[str, OwnedWorkspace]:
        return {each.id: each for each in self.list_all()}

    def error_of(self, call: Callable[[], object]) -> ProvisionError:
        """Make a call that must fail, and return its error."""
        try:
            call()
        except ProvisionError as error:
            return error
        except CannotCallError as error:
            if isinstance(error.__cause__, ProvisionError):
                return error.__cause__
            raise
        raise AssertionError("It succeeded.")

    @contextmanager
    def is_gone(self) -> Iterator[None]:
        """The block must raise WorkspaceGoneError, and no other error."""
        try:
            yield
        except WorkspaceGoneError:
            return
        raise AssertionError("It succeeded.")

    def _call(self, call: str, act: Callable[[], Answer]) -> Answer:
        for _ in range(self.attempts):
            try:
                return act()
            except WorkspaceGoneError as error:
                self.errors.append(error)
                raise
            except Exception as error:  # noqa: BLE001 - the rule on errors has them
                self.errors.append(error)
        raise CannotCallError(call) from self.errors[-1]


def read_archive(path: Path, not_saved: list[NotSaved]) -> Exported:
    """Read an archive to its end, where its checksum is."""
    exported = Exported({}, set(), set(), not_saved, path)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(path.read_bytes()))) as archive:
        for member in archive:
            top, slash, name = member.name.partition("/")
            if not slash and not member.isdir():
                continue  # the list of what is not saved, beside the top folder
            exported.tops.add(top)
            content = archive.extractfile(member)
            if content is not None:
                exported.files[name] = content.read()
                if member.mode & 0o100:
                    exported.executable.add(name)
    return exported

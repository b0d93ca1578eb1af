"""An engine in memory that fails when it is told to, and knows what the candidates wrote."""

import tarfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from operations.provisioners.base import (
    Log,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.file_look import FileLook, Stamp
from tests.fakes import look_at, unpacked

Files = dict[str, bytes]
Answer = TypeVar("Answer")
FAILURES = ("refuses", "answers an error", "explodes")
CALLS = ("provision", "is_ready", "look_at_files", "export", "destroy", "list_owned")


class EngineExplodedError(Exception):
    """An error that no provisioner should raise."""


class FailsNowAndThen:
    """Its calls fail as planned, before or after they did their work; a crash keeps the files."""

    name = "fake"

    def __init__(
        self,
        moment: Callable[[str, Callable[[], Any]], Any],
        before_destroy: Callable[[str, Files], None],
    ) -> None:
        self._moment = moment
        self._before_destroy = before_destroy
        self.disks: dict[str, Files] = {}
        self.running: set[str] = set()
        self.passwords: dict[str, str] = {}
        # Workspaces that do not answer, and those whose files are final.
        self.silent: set[str] = set()
        self.exported: set[str] = set()
        # Workspaces that a candidate wrote to.
        self.used: set[str] = set()
        # The kinds of the next failures of each call.
        self.failures: dict[str, list[str]] = {call: [] for call in CALLS}

    def heal(self) -> None:
        self.failures = {call: [] for call in CALLS}
        self.silent.clear()

    def write(self, name: str, path: str, content: bytes) -> None:
        """What a candidate does, who sees the workspace."""
        if name in self.running and name not in self.silent | self.exported:
            self.disks[name][path] = content
            self.used.add(name)

    def crash(self, name: str) -> None:
        self.running.discard(name)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        def act() -> Workspace:
            name = spec.workspace_name
            if name not in self.disks:
                if spec.files is None and spec.archive is None:
                    raise WorkspaceGoneError("provision", "The workspace is gone.")
                initial = unpacked(spec.archive) if spec.archive else dict(spec.files or {})
                self.disks[name] = initial
            self.running.add(name)
            self.silent.discard(name)
            self.passwords[name] = spec.password
            return Workspace(name, f"http://127.0.0.1:9/{name}/", spec.password, {"made": True})

        return self._call("provision", act)

    def is_ready(self, workspace: Workspace) -> bool:
        return self._call("is_ready", lambda: workspace.id in self.running - self.silent)

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        def act() -> FileLook:
            if workspace.id not in self.running:
                raise ProvisionError("keep", "The workspace is not there.")
            return look_at(self.disks[workspace.id], since_ns)

        yield self._call("look_at_files", act)

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        def act() -> None:
            if workspace.id not in self.disks:
                raise ProvisionError("save", "The workspace is not there.")
            self.exported.add(workspace.id)
            with tarfile.open(path, "w:gz", compresslevel=1) as archive:
                for name, content in self.disks[workspace.id].items():
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, BytesIO(content))

        self._call("export", act)
        return []

    def destroy(self, workspace: Workspace, log: Log) -> None:
        def act() -> None:
            name = workspace.id
            if name in self.disks:
                self._before_destroy(name, self.disks.pop(name))
            for names in (self.running, self.silent, self.exported, self.used):
                names.discard(name)

        self._call("destroy", act)

    def list_owned(self) -> list[OwnedWorkspace]:
        def act() -> list[OwnedWorkspace]:
            return [
                OwnedWorkspace(id=name, since=datetime.now(UTC), state={}) for name in self.disks
            ]

        return self._call("list_owned", act)

    def _call(self, call: str, act: Callable[[], Answer]) -> Answer:
        def fails_as_planned() -> Any:
            kind = self.failures[call].pop(0) if self.failures[call] else None
            if kind == "explodes":
                raise EngineExplodedError
            answer = act() if kind != "refuses" else None
            if kind is not None:
                raise ProvisionError(call, "The engine does not answer.")
            return answer

        answer: Answer = self._moment(f"engine {call}", fails_as_planned)
        return answer

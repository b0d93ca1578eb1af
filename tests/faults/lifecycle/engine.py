"""An engine in memory that fails when it is told to, and knows what the candidates wrote."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from operations.provisioners.base import (
    Log,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceSpec,
)
from operations.provisioners.file_look import FileLook, Stamp
from tests.memory_engine import FakeProvisioner, Files

Answer = TypeVar("Answer")
FAILURES = ("refuses", "answers an error", "explodes")
CALLS = (
    "provision",
    "is_ready",
    "set_deadline",
    "look_at_files",
    "export",
    "destroy",
    "list_owned",
)


class EngineExplodedError(Exception):
    """An error that no provisioner should raise."""


class FailsNowAndThen(FakeProvisioner):
    """Its calls fail as planned, before or after they did their work; a crash keeps the files."""

    def __init__(
        self,
        moment: Callable[[str, Callable[[], Any]], Any],
        before_destroy: Callable[[str, Files], None],
    ) -> None:
        super().__init__()
        self._moment = moment
        self._before_destroy = before_destroy
        # Workspaces that do not answer, and those that a candidate wrote to.
        self.silent: set[str] = set()
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
        self.running.pop(name, None)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        def act() -> Workspace:
            workspace = super(FailsNowAndThen, self).provision(spec, log)
            self.silent.discard(spec.workspace_name)
            return workspace

        return self._call("provision", act)

    def is_ready(self, workspace: Workspace) -> Readiness:
        def act() -> Readiness:
            is_silent = workspace.id in self.silent
            return (
                Readiness(False) if is_silent else super(FailsNowAndThen, self).is_ready(workspace)
            )

        return self._call("is_ready", act)

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        act = super().set_deadline
        self._call("set_deadline", lambda: act(workspace, ends_at))

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        looking = super().look_at_files(workspace, since_ns, starting_paths, known)
        yield self._call("look_at_files", looking.__enter__)

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        act = super().export
        return self._call("export", lambda: act(workspace, path, starting_paths))

    def destroy(self, workspace: Workspace, log: Log) -> None:
        def act() -> None:
            name = workspace.id
            if name in self.disks:
                self._before_destroy(name, self.disks[name])
            super(FailsNowAndThen, self).destroy(workspace, log)
            self.silent.discard(name)
            self.used.discard(name)

        self._call("destroy", act)

    def list_owned(self) -> Iterable[OwnedWorkspace]:
        return self._call("list_owned", super().list_owned)

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

"""Fake engines, named for how they behave, and a fake event stream."""

import json
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from operations.provisioners.base import (
    Log,
    MachineDownError,
    NoRoomError,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceSpec,
)
from operations.provisioners.file_look import FileLook, Stamp
from tests.memory_engine import FakeProvisioner as FakeProvisioner


class LogsThePassword(FakeProvisioner):
    """It writes the password to the operation's log, as no engine should: the platform masks it."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        def tell(line: str) -> None:
            log(f"{line.removesuffix('.')} with the password {spec.password}")

        return super().provision(spec, tell)


class NeverReady(FakeProvisioner):
    """Its workspaces never answer."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        return Readiness(False)


class AnswersLate(FakeProvisioner):
    """Its workspaces of these names do not answer at the first look."""

    def __init__(self) -> None:
        super().__init__()
        self.late: set[str] = set()

    def is_ready(self, workspace: Workspace) -> Readiness:
        if workspace.id in self.late:
            self.late.remove(workspace.id)
            return Readiness(False)
        return super().is_ready(workspace)


class DiesOnce(FakeProvisioner):
    """Its first workspace ends before it ever answers."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        workspace = super().provision(spec, log)
        if len(self.provisioned) == 1:
            del self.running[spec.workspace_name]
        return workspace


class Moves(FakeProvisioner):
    """Its first workspace ends at once; each workspace has another address."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        super().provision(spec, log)
        number = len(self.provisioned)
        if number == 1:
            del self.running[spec.workspace_name]
        url = f"http://127.0.0.1:9/{number}/"
        return Workspace(spec.workspace_name, url, spec.password, {"made": number})


class Quoting(FakeProvisioner):
    """Its errors quote the password."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        raise RuntimeError(f"run -e PASSWORD={spec.password}: no such image")


class Crowded(FakeProvisioner):
    """It has room for a few workspaces, if a test says for how many."""

    REASON = "No machine is free: too little memory on 3 machines."

    def __init__(self) -> None:
        super().__init__()
        self.room: int | None = None
        self.reserved: set[str] = set()

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        places = self.reserved - {workspace_name}
        if self.room is not None and len(places) >= self.room:
            raise NoRoomError("start", self.REASON)
        self.reserved.add(workspace_name)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        self.reserve(spec.workspace_name, spec.cpus, spec.memory_mb, log)
        return super().provision(spec, log)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        super().destroy(workspace, log)
        self.reserved.discard(workspace.id)


class OnMachines(FakeProvisioner):
    """Each workspace is on one of its machines, which a test takes away and brings back."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names or ("m1", "m2")
        self.patience_with_machines = timedelta(0)
        self.down_since: dict[str, datetime] = {}
        self.machine_of: dict[str, str] = {}

    def lose_machine(self, name: str) -> str:
        """Take away the machine of a workspace, whose programs may go on, and return its name."""
        machine = self.machine_of[name]
        self.down_since[machine] = datetime.now(UTC)
        return machine

    def bring_back(self, machine: str) -> None:
        del self.down_since[machine]

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        if self.machine_of.get(workspace_name, "") in self.names and not self._is_down(
            workspace_name
        ):
            return
        free = [name for name in self.names if name not in self.down_since]
        if not free:
            raise NoRoomError("start", f"No machine is free: {len(self.names)} machines down.")
        self.machine_of[workspace_name] = free[0]

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        name = spec.workspace_name
        if spec.files is None and spec.archive is None:
            self._require_machine(name, "start")
        else:
            self.reserve(name, spec.cpus, spec.memory_mb, log)
        workspace = super().provision(spec, log)
        machine = self.machine_of.setdefault(name, self.names[0])
        return replace(workspace, url=f"http://{machine}/{name}/", state={"machine": machine})

    def is_ready(self, workspace: Workspace) -> Readiness:
        if self._is_down(workspace.id):
            return Readiness(False, f"The machine {self.machine_of[workspace.id]} is down.")
        return super().is_ready(workspace)

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        self._require_machine(workspace.id, "keep")
        with super().look_at_files(workspace, since_ns, starting_paths, known) as look:
            yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        self._require_machine(workspace.id, "save")
        return super().export(workspace, path, starting_paths)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        if self._is_down(workspace.id):
            log("What is on the machine is removed when it is back.")
            return
        super().destroy(workspace, log)
        self.machine_of.pop(workspace.id, None)

    def _is_down(self, name: str) -> bool:
        return self.machine_of.get(name) in self.down_since

    def _require_machine(self, name: str, step: str) -> None:
        if self._is_down(name):
            machine = self.machine_of[name]
            since = self.down_since[machine]
            lost_at = since + self.patience_with_machines
            sentence = f"The machine {machine} is down since {since:%H:%M} UTC."
            raise MachineDownError(step, sentence, lost_at=lost_at)


class OnMachinesAnswersLate(AnswersLate, OnMachines):
    """Both."""


class Broken(FakeProvisioner):
    """It cannot create a workspace, and raises ProvisionError."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        raise ProvisionError("provision", f"No room for {spec.password}.")


class CleanUpExplodes(Broken):
    """It can neither create a workspace nor clean up."""

    def destroy(self, workspace: Workspace, log: Log) -> None:
        raise KeyError("port")


class Exploding(FakeProvisioner):
    """It fails with an unexpected exception."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        raise ZeroDivisionError("a detail that is for the log only")


class CannotSave(FakeProvisioner):
    """It cannot export the files."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        raise ProvisionError("save", "The disk does not answer.")


class CannotDestroy(FakeProvisioner):
    """It cannot destroy a workspace."""

    def destroy(self, workspace: Workspace, log: Log) -> None:
        raise ProvisionError("destroy", "The engine does not answer.")


class Blind(FakeProvisioner):
    """Its health check fails."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        raise ProvisionError("configure", "The engine does not answer.")


class CannotList(FakeProvisioner):
    """It cannot list its workspaces."""

    def list_owned(self) -> Iterable[OwnedWorkspace]:
        raise ProvisionError("list", "The engine does not answer.")


class ListBreaksOff(FakeProvisioner):
    """It lists its workspaces page by page, and fails after the first page, which has one."""

    def list_owned(self) -> Iterator[OwnedWorkspace]:
        yield from list(super().list_owned())[:1]
        raise ProvisionError("list", "The second page doesn't come.")


class Forgets(FakeProvisioner):
    """Its workspaces can be removed by hand, with their files; a restart then fails."""

    def forget(self, name: str) -> None:
        del self.running[name]
        del self.disks[name]


class BlocksProvision(FakeProvisioner):
    """Its provision blocks until the test sets `release`."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.release = threading.Event()

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        self.entered.set()
        assert self.release.wait(30)
        return super().provision(spec, log)


class FakeStream:
    """Records the published events."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []

    def time(self) -> tuple[int, int]:
        return 2_000_000_000, 0

    def xrevrange(self, key: str, **options: Any) -> list[Any]:
        """None of its events has a position."""
        return []

    def xadd(self, key: str, fields: dict[str, str], **options: Any) -> None:
        self.entries.append(fields)

    def events_named(self, name: str) -> list[dict[str, Any]]:
        """The data of every event with this name, in order."""
        return [json.loads(entry["data"]) for entry in self.entries if entry["name"] == name]

    @property
    def text(self) -> str:
        return json.dumps(self.entries)

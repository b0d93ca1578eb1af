"""Fake engines, named for how they behave, and a fake event stream."""

import json
import os
import tarfile
import threading
import time
import zlib
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from operations.provisioners.base import (
    Log,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.file_look import FileLook, SeenFile, Stamp


class FakeProvisioner:
    """An engine in memory that works, and records its calls."""

    name = "fake"

    def __init__(self) -> None:
        self.running: dict[str, dict[str, bytes]] = {}
        self.provisioned: list[str] = []
        self.destroyed: list[str] = []
        self.passwords: dict[str, str] = {}
        self.disks: dict[str, dict[str, bytes]] = {}
        self.specs: list[WorkspaceSpec] = []
        self.refuses_sign_in = False
        # What its exports report, and were given.
        self.not_saved: list[NotSaved] = []
        self.starting_paths: list[set[str]] = []
        self._lock = threading.Lock()

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        with self._lock:
            self.provisioned.append(spec.workspace_name)
            self.passwords[spec.workspace_name] = spec.password
            if spec.files is None and spec.archive is None:
                # A restart keeps the candidate's files.
                if spec.workspace_name not in self.disks:
                    raise WorkspaceGoneError("start", "The workspace is gone.")
                files = self.disks[spec.workspace_name]
            else:
                initial = unpacked(spec.archive) if spec.archive else dict(spec.files or {})
                files = self.disks.setdefault(spec.workspace_name, initial)
            self.specs.append(spec)
            self.running.setdefault(spec.workspace_name, files)
        log(f"Started with the password {spec.password}")
        return Workspace(
            id=spec.workspace_name,
            url=f"http://127.0.0.1:9/{spec.workspace_name}/",
            password=spec.password,
            state={"made": True},
        )

    def is_ready(self, workspace: Workspace) -> bool:
        return workspace.id in self.running

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        return self.refuses_sign_in

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        if workspace.id not in self.running:
            raise ProvisionError("keep", "The workspace is not there.")
        yield look_at(self.running[workspace.id], since_ns)

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        self.starting_paths.append(set(starting_paths))
        if workspace.id not in self.running:
            error = ProvisionError if workspace.id in self.disks else WorkspaceGoneError
            raise error("save", "The workspace is not there.")
        with tarfile.open(path, "w:gz") as archive:
            for name, content in self.running[workspace.id].items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, BytesIO(content))
        return list(self.not_saved)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        with self._lock:
            self.running.pop(workspace.id, None)
            self.disks.pop(workspace.id, None)
            self.destroyed.append(workspace.id)

    def list_owned(self) -> list[OwnedWorkspace]:
        return [OwnedWorkspace(id=key, since=datetime.now(UTC), state={}) for key in self.running]


def look_at(files: dict[str, bytes], since_ns: int) -> FileLook:
    """A look at files in memory, which have no times: those of before a first look are new."""

    def seen() -> Generator[SeenFile]:
        for inode, (name, content) in enumerate(sorted(files.items())):
            yield SeenFile(
                path=os.fsencode(name),
                is_link=False,
                mode=0o644,
                size=len(content),
                mtime_ns=0,
                ctime_ns=zlib.crc32(content),
                inode=inode,
                content=content,
            )

    return FileLook(time.time_ns(), seen())


def unpacked(archive: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    with tarfile.open(archive) as saved:
        for member in saved:
            content = saved.extractfile(member)
            if content is not None:
                files[member.name] = content.read()
    return files


class NeverReady(FakeProvisioner):
    """Its workspaces never answer."""

    def is_ready(self, workspace: Workspace) -> bool:
        return False


class AnswersLate(FakeProvisioner):
    """Its workspaces of these names do not answer at the first look."""

    def __init__(self) -> None:
        super().__init__()
        self.late: set[str] = set()

    def is_ready(self, workspace: Workspace) -> bool:
        if workspace.id in self.late:
            self.late.remove(workspace.id)
            return False
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

    def is_ready(self, workspace: Workspace) -> bool:
        raise ProvisionError("configure", "The engine does not answer.")


class CannotList(FakeProvisioner):
    """It cannot list its workspaces."""

    def list_owned(self) -> list[OwnedWorkspace]:
        raise ProvisionError("list", "The engine does not answer.")


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

    def xrevrange(self, key: str, count: int) -> list[Any]:
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

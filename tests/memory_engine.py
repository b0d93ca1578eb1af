"""An engine in memory that keeps every rule of a provisioner, for tests of everything above it."""

import os
import tarfile
import threading
import time
import zlib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from operations.provisioners.base import (
    USUAL_PATIENCE,
    Isolation,
    Log,
    Machine,
    NotSaved,
    NotSavedReason,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.docker.naming import WORKSPACE_NAME
from operations.provisioners.file_look import FileLook, SeenFile, Stamp
from operations.provisioners.regenerable import RegenerableFolders

Files = dict[str, bytes]


class FakeProvisioner:
    """An engine in memory that works, and records its calls."""

    name = "fake"
    patience = USUAL_PATIENCE
    isolates: frozenset[Isolation] = frozenset()

    def __init__(self) -> None:
        # The files of the workspaces that run, and of all: the same dict, unless a test sets one.
        self.running: dict[str, Files] = {}
        self.disks: dict[str, Files] = {}
        self.executable: dict[str, set[str]] = {}
        self.created: dict[str, datetime] = {}
        # When each workspace would end by itself; here it never does.
        self.stops_at: dict[str, datetime] = {}
        # Workspaces whose programs an export has ended.
        self.exported: set[str] = set()
        # What the candidates' programs do to the files whenever time passes: at each export.
        self.programs: dict[str, Callable[[Files], None]] = {}
        self.provisioned: list[str] = []
        self.destroyed: list[str] = []
        self.passwords: dict[str, str] = {}
        self.specs: list[WorkspaceSpec] = []
        self.refuses_sign_in = False
        self.machines: list[Machine] = []
        # What its exports report besides, and were given.
        self.not_saved: list[NotSaved] = []
        self.starting_paths: list[set[str]] = []
        self._looks: dict[str, MemoryLook] = {}
        self._lock = threading.Lock()

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """There is always room."""

    def list_machines(self) -> list[Machine]:
        return self.machines

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        name = spec.workspace_name
        require_valid_name(name, "start")
        with self._lock:
            self.provisioned.append(name)
            self.passwords[name] = spec.password
            if name not in self.disks:
                self.disks[name], self.executable[name] = self.new_files(spec)
                self.created.setdefault(name, datetime.now(UTC))
            self.specs.append(spec)
            self.running.setdefault(name, self.disks[name])
            self.exported.discard(name)
            self.stops_at[name] = spec.ends_at
        log("Started.")
        if not spec.internet:
            log("The challenge allows no internet. That is asked, not enforced.")
        return Workspace(
            id=name,
            url=f"http://127.0.0.1:9/{name}/",
            password=spec.password,
            state={"made": True},
        )

    def new_files(self, spec: WorkspaceSpec) -> tuple[Files, set[str]]:
        """Return the files of a workspace that has none, and which of them are executable."""
        if spec.archive is not None:
            return unpacked(spec.archive)
        if spec.files is None:
            raise WorkspaceGoneError("start", "The workspace is gone.")
        return dict(spec.files), set(spec.executable)

    def is_ready(self, workspace: Workspace) -> Readiness:
        require_valid_name(workspace.id, "health")
        if workspace.id in self.running and workspace.id not in self.exported:
            return Readiness(True)
        return Readiness(False, "The workspace is stopped.")

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        if workspace.id in self.running:
            self.stops_at[workspace.id] = ends_at

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
        files = self.running[workspace.id]
        saved, _ = split_regenerable(files, starting_paths)
        look = self._looks.setdefault(workspace.id, MemoryLook())
        yield look.at(saved, self.executable.get(workspace.id, set()), since_ns, known)

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        name = workspace.id
        require_valid_name(name, "save")
        self.starting_paths.append(set(starting_paths))
        if name not in self.running and name not in self.disks:
            raise WorkspaceGoneError("save", "The workspace is not there.")
        self.end_programs(name)
        files = self.running.get(name, self.disks.get(name, {}))
        if name in self.programs:
            self.programs[name](files)
        saved, left_out = split_regenerable(files, starting_paths)
        write_archive(path, name, saved, self.executable.get(name, set()))
        return [*self.not_saved, *left_out]

    def end_programs(self, name: str) -> None:
        self.programs.pop(name, None)
        self.exported.add(name)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        name = workspace.id
        require_valid_name(name, "remove")
        with self._lock:
            for parts in (
                *(self.running, self.disks, self.executable, self.created, self.programs),
                self.stops_at,
            ):
                parts.pop(name, None)
            self._looks.pop(name, None)
            self.exported.discard(name)
            self.destroyed.append(name)

    def list_owned(self) -> Iterable[OwnedWorkspace]:
        at = datetime.now(UTC)
        names = sorted({*self.running, *self.disks})
        return [OwnedWorkspace(name, self.created.get(name, at), {}) for name in names]


class MemoryLook:
    """Looks at files in memory, which have no times: a file changed right after the look that last
    saw it otherwise, and before a first look all are new."""

    def __init__(self) -> None:
        self._started_ns = 0
        # Path -> the checksum of its content, and when it changed.
        self._changes: dict[str, tuple[int, int]] = {}

    def at(
        self,
        files: Files,
        executable: Collection[str],
        since_ns: int,
        known: Collection[Stamp] = (),
    ) -> FileLook:
        before_ns, self._started_ns = self._started_ns, time.time_ns()
        for name, content in files.items():
            checksum = zlib.crc32(content)
            if self._changes.get(name, (None, 0))[0] != checksum:
                self._changes[name] = (checksum, before_ns or self._started_ns)
        seen = [
            self._seen(name, content, name in executable, since_ns)
            for name, content in sorted(files.items())
        ]
        stamps = set(known)

        def known_last() -> Generator[SeenFile]:
            yield from sorted(seen, key=lambda file: stamp_of(file) in stamps)

        return FileLook(self._started_ns, known_last())

    def _seen(self, name: str, content: bytes, is_executable: bool, since_ns: int) -> SeenFile:
        checksum, changed_ns = self._changes[name]
        return SeenFile(
            path=os.fsencode(name),
            is_link=False,
            mode=0o755 if is_executable else 0o644,
            size=len(content),
            mtime_ns=0,
            # The same for the same content, as nothing writes it a second time.
            ctime_ns=checksum,
            inode=zlib.crc32(os.fsencode(name)),
            content=content if changed_ns >= since_ns else None,
        )


def stamp_of(file: SeenFile) -> Stamp:
    return file.inode, file.ctime_ns, file.size


def require_valid_name(name: str, step: str) -> None:
    if not WORKSPACE_NAME.fullmatch(name):
        raise ProvisionError(step, f"{name!r} isn't a valid workspace name.")


def split_regenerable(
    files: Files, starting_paths: Collection[str]
) -> tuple[Files, list[NotSaved]]:
    """Return the files that are saved, and the folders that are not."""
    regenerable = RegenerableFolders(starting_paths, files.__contains__)
    saved: Files = {}
    left_out: dict[str, list[bytes]] = {}
    for name, content in files.items():
        folder = regenerable.outermost(name, is_folder=False)
        if folder is None:
            saved[name] = content
        else:
            left_out.setdefault(folder, []).append(content)
    return saved, [
        NotSaved(folder, NotSavedReason.REGENERABLE, len(contents), sum(map(len, contents)))
        for folder, contents in sorted(left_out.items())
    ]


def write_archive(path: Path, top: str, files: Files, executable: Collection[str] = ()) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(content)
            info.mode = 0o755 if name in executable else 0o644
            archive.addfile(info, BytesIO(content))


def unpacked(archive: Path) -> tuple[Files, set[str]]:
    """Return the files below the archive's one top folder, and which of them are executable."""
    files: Files = {}
    executable = set()
    with tarfile.open(archive) as saved:
        for member in saved:
            content = saved.extractfile(member)
            _, slash, name = member.name.partition("/")
            if content is not None and slash:
                files[name] = content.read()
                if member.mode & 0o100:
                    executable.add(name)
    return files, executable

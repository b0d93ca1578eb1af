"""Engines that export files, or look at them, otherwise than the contract says."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from operations.provisioners.base import (
    NotSaved,
    ProvisionError,
    Workspace,
    WorkspaceGoneError,
)
from operations.provisioners.file_look import FileLook, Stamp
from tests.memory_engine import FakeProvisioner, MemoryLook, write_archive


class ExportsWithoutModes(FakeProvisioner):
    """Its archives have no execute bits."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        self.executable[workspace.id] = set()
        return super().export(workspace, path, starting_paths)


class NamesTheFolderFiles(FakeProvisioner):
    """The top folder of its archives has another name."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        not_saved = super().export(workspace, path, starting_paths)
        saved = dict(self.disks[workspace.id])
        for each in not_saved:
            saved = {name: saved[name] for name in saved if not name.startswith(f"{each.path}/")}
        write_archive(path, "files", saved, self.executable[workspace.id])
        return not_saved


class ExportsNothing(FakeProvisioner):
    """An export of a workspace that is not there is an empty archive."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        try:
            return super().export(workspace, path, starting_paths)
        except WorkspaceGoneError:
            write_archive(path, workspace.id, {})
            return []


class LeavesOutInSilence(FakeProvisioner):
    """It does not say what its exports leave out."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        super().export(workspace, path, starting_paths)
        return []


class ForgetsTheChallenge(FakeProvisioner):
    """It leaves out a folder of a tool's name that the challenge has a file in."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        return super().export(workspace, path, [])


class LeavesProgramsRunning(FakeProvisioner):
    """The candidate's programs go on after an export."""

    def end_programs(self, name: str) -> None:
        self.exported.add(name)


class StaysReady(FakeProvisioner):
    """Its editor goes on after an export."""

    def end_programs(self, name: str) -> None:
        self.programs.pop(name, None)


class ExportsOnce(FakeProvisioner):
    """Its second export lacks a file."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        if workspace.id in self.exported and workspace.id not in self.programs:
            self.disks[workspace.id].pop("answer.txt", None)
        return super().export(workspace, path, starting_paths)


class ExportsWhatRuns(FakeProvisioner):
    """It does not find the files of a workspace that is stopped."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        if workspace.id in self.disks.keys() - self.running.keys():
            raise ProvisionError("save", "The workspace is not there.")
        return super().export(workspace, path, starting_paths)


class LooksAt(FakeProvisioner):
    """The base of those that look at something else."""

    def looked(self, look: FileLook) -> FileLook:
        return look

    def since(self, since_ns: int) -> int:
        return since_ns

    def paths(self, starting_paths: Collection[str]) -> Collection[str]:
        return starting_paths

    def stamps(self, known: Collection[Stamp]) -> Collection[Stamp]:
        return known

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        since_ns, starting_paths = self.since(since_ns), self.paths(starting_paths)
        with super().look_at_files(workspace, since_ns, starting_paths, self.stamps(known)) as look:
            yield self.looked(look)


class LooksWithoutContents(LooksAt):
    """Its looks have no content at all."""

    def looked(self, look: FileLook) -> FileLook:
        return replace(look, files=(file._replace(content=None) for file in look.files))


class ReadsAllAgain(LooksAt):
    """Each of its looks reads all files."""

    def since(self, since_ns: int) -> int:
        return 0


class ReadsInOrder(LooksAt):
    """Its looks have what is known in between."""

    def stamps(self, known: Collection[Stamp]) -> Collection[Stamp]:
        return ()


class LooksBesides(LooksAt):
    """Its looks leave out a folder that an export has."""

    def paths(self, starting_paths: Collection[str]) -> Collection[str]:
        return ()


class LooksAtNothing(FakeProvisioner):
    """A look at a workspace that is not there finds no files."""

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        if workspace.id not in self.running:
            yield MemoryLook().at({}, (), since_ns)
            return
        with super().look_at_files(workspace, since_ns, starting_paths, known) as look:
            yield look

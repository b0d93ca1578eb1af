"""Engines that list or destroy workspaces otherwise than the contract says."""

from dataclasses import replace
from datetime import UTC, datetime

from operations.provisioners.base import (
    Log,
    OwnedWorkspace,
    ProvisionError,
    Workspace,
    WorkspaceSpec,
)
from tests.memory_engine import FakeProvisioner, Files


class ListsTwice(FakeProvisioner):
    """It lists each workspace twice, as once for each of its parts."""

    def list_owned(self) -> list[OwnedWorkspace]:
        return [*super().list_owned()] * 2


class ListsWithoutZone(FakeProvisioner):
    """Its times have no zone."""

    def list_owned(self) -> list[OwnedWorkspace]:
        return [
            replace(each, since=each.since.replace(tzinfo=None)) for each in super().list_owned()
        ]


class ListsTheLastStart(FakeProvisioner):
    """Its times are those of the last start."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        workspace = super().provision(spec, log)
        self.created[workspace.id] = datetime.now(UTC)
        return workspace


class ListsWhatRuns(FakeProvisioner):
    """It does not list workspaces that are stopped."""

    def list_owned(self) -> list[OwnedWorkspace]:
        return [each for each in super().list_owned() if each.id in self.running]


class ListsEverybodys(FakeProvisioner):
    """Its platforms share one list."""

    everybodys: dict[str, Files] = {}

    def __init__(self) -> None:
        super().__init__()
        self.disks = self.everybodys


class LeavesTheDisk(FakeProvisioner):
    """A destroyed workspace's files stay, in no list."""

    def destroy(self, workspace: Workspace, log: Log) -> None:
        files, executable = self.disks.get(workspace.id), self.executable.get(workspace.id)
        super().destroy(workspace, log)
        if files is not None and executable is not None:
            self.disks[workspace.id], self.executable[workspace.id] = files, executable

    def list_owned(self) -> list[OwnedWorkspace]:
        return [each for each in super().list_owned() if each.id not in self.destroyed]


class DestroysOnlyWhatIs(FakeProvisioner):
    """It cannot destroy a workspace that is gone."""

    def destroy(self, workspace: Workspace, log: Log) -> None:
        if workspace.id not in self.disks:
            raise ProvisionError("remove", "There is no such workspace.")
        super().destroy(workspace, log)

"""Engines that start workspaces otherwise than the contract says."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from operations.provisioners.base import (
    Isolation,
    Log,
    MachineDownError,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from tests.fakes import OnMachines
from tests.memory_engine import FakeProvisioner, Files


class WithoutAddress(FakeProvisioner):
    """Its workspaces have no address."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        return replace(super().provision(spec, log), url=None)


class OneForEachWorker(FakeProvisioner):
    """Workers that start one workspace at the same time get one each."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = 0
        self._together = threading.Barrier(4)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        workspace = super().provision(spec, log)
        if threading.current_thread() is threading.main_thread():
            return workspace
        return replace(workspace, url=f"{workspace.url}{self._together.wait(30)}/")


class NoExecuteBits(FakeProvisioner):
    """It does not make the starting files executable."""

    def new_files(self, spec: WorkspaceSpec) -> tuple[Files, set[str]]:
        files, executable = super().new_files(spec)
        return files, executable if spec.archive else set()


class RestartsNothing(FakeProvisioner):
    """A restart of a workspace that is gone makes an empty one."""

    def new_files(self, spec: WorkspaceSpec) -> tuple[Files, set[str]]:
        return super().new_files(replace(spec, files=spec.files or {}))


class GivesUpMachines(OnMachines):
    """What is on a machine that is down is gone for it."""

    def _require_machine(self, name: str, step: str) -> None:
        try:
            super()._require_machine(name, step)
        except MachineDownError as error:
            raise WorkspaceGoneError(step, error.sentence) from None


class MixesInStartingFiles(FakeProvisioner):
    """A workspace with an archive has the starting files as well."""

    def new_files(self, spec: WorkspaceSpec) -> tuple[Files, set[str]]:
        files, executable = super().new_files(spec)
        return {**(spec.files or {}), **files}, executable


class Overwrites(FakeProvisioner):
    """It writes the starting files into a workspace that has files."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        if spec.workspace_name in self.disks:
            self.disks[spec.workspace_name].update(spec.files or {})
        return super().provision(spec, log)


class DoesNotKnowIt(FakeProvisioner):
    """It raises for a workspace that it never had, instead of saying that it is not ready."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        if workspace.id not in self.provisioned:
            raise ProvisionError("health", "There is no such workspace.")
        return super().is_ready(workspace)


class AlwaysReady(FakeProvisioner):
    """It takes a workspace for ready that is on its disk."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        return Readiness(super().is_ready(workspace).ready or workspace.id in self.disks)


class MovesAtARestart(FakeProvisioner):
    """A workspace that was stopped has another address afterwards."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        is_restart = spec.workspace_name in self.disks.keys() - self.running.keys()
        workspace = super().provision(spec, log)
        return replace(workspace, url=f"{workspace.url}again/") if is_restart else workspace


class RefusesSignIns(FakeProvisioner):
    """Nobody can sign in."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses_sign_in = True


class CutsNames(FakeProvisioner):
    """It keeps the first 62 characters of a name."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        name = spec.workspace_name
        workspace = super().provision(replace(spec, workspace_name=name[:62]), log)
        self.running.setdefault(name, self.running[workspace.id])
        self.executable.setdefault(name, self.executable[workspace.id])
        return replace(workspace, id=name)


class RefusesLongNames(FakeProvisioner):
    """It takes names of 60 characters at most."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        if len(spec.workspace_name) > 60:
            raise ProvisionError("start", "That name is too long.")
        return super().provision(spec, log)


class KeepsThePassword(FakeProvisioner):
    """Its notes have the password."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        return replace(super().provision(spec, log), state={"environment": spec.password})


class SilentAboutTheInternet(FakeProvisioner):
    """It does not say that it cannot forbid the internet."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        return super().provision(replace(spec, internet=True), log)


class EndsTooEarly(FakeProvisioner):
    """Its workspaces end at their first deadline."""

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        pass


class EndsTooLate(FakeProvisioner):
    """Its workspaces take only a later deadline."""

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        super().set_deadline(workspace, max(ends_at, self.stops_at.get(workspace.id, ends_at)))


class HasNoDeadlineForIt(FakeProvisioner):
    """It raises for the deadline of a workspace that does not run."""

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        if workspace.id not in self.running:
            raise ProvisionError("health", "There is no such workspace.")
        super().set_deadline(workspace, ends_at)


class LongSteps(FakeProvisioner):
    """The steps of its errors are sentences."""

    def new_files(self, spec: WorkspaceSpec) -> tuple[Files, set[str]]:
        try:
            return super().new_files(spec)
        except WorkspaceGoneError as error:
            raise WorkspaceGoneError("starting the workspace", error.sentence) from None


class SaysWhyInCode(FakeProvisioner):
    """It says in a word why a workspace does not answer."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        return replace(super().is_ready(workspace), reason="ImagePullBackOff")


class WaitsForDays(FakeProvisioner):
    """It lets a start wait for longer than a start may take."""

    patience = timedelta(days=1)


class ClaimsToHidePrograms(FakeProvisioner):
    """It says that its workspaces do not see each other's programs."""

    isolates = frozenset({Isolation.PROCESSES})


class ClaimsToKeepNeighboursApart(FakeProvisioner):
    """It says that its workspaces do not reach each other."""

    isolates = frozenset({Isolation.NEIGHBOURS})

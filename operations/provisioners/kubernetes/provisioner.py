"""Workspaces as Pods of a Kubernetes cluster, each with its own volume, network policy and address.

A workspace has a claim (the candidate's home), a Pod with the editor and a sidecar, and what leads
to it: Secret, NetworkPolicy, Service, and Ingress or HTTPRoute. Only the claim is permanent:
everything else can be created again at any time.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from operations.provisioners.base import (
    SIGN_IN_BY_FORM,
    SIGN_IN_KEY,
    Isolation,
    Log,
    Machine,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.deadlines import forget_deadline, is_written
from operations.provisioners.file_look import FileLook, Stamp
from operations.provisioners.kubernetes import (
    files,
    naming,
    pods,
    start,
    states,
    waiting,
)
from operations.provisioners.kubernetes.api import CHECK_TIMEOUT_SECONDS, Api, Kind, connect
from operations.provisioners.kubernetes.deadlines import write_deadline
from operations.provisioners.kubernetes.naming import Names
from operations.provisioners.kubernetes.options import KubernetesOptions

ALREADY_GONE = "The workspace was already gone."
NOT_RUNNING = "The workspace isn't running."
# What leads to a workspace and belongs to it, beside its Pods and its claim.
PARTS = (Kind.ROUTE, Kind.INGRESS, Kind.SERVICE, Kind.SECRET, Kind.POLICY)
POD_KEY = "pod"


class KubernetesProvisioner:
    """Runs each workspace as a Pod in one namespace of a cluster."""

    name = "kubernetes"
    # A start may wait for a machine, and for its image there.
    patience = timedelta(minutes=10)
    # In a cluster whose network enforces policies. None of them keeps a Pod from the machine that
    # it runs on (Isolation.PLATFORM).
    isolates = frozenset(Isolation) - {Isolation.PLATFORM}

    def __init__(self, options: KubernetesOptions) -> None:
        self._options = options

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """Have the cluster reserve what a new workspace needs on one of its machines."""
        with self._connect("start") as api:
            names = self._names(workspace_name)
            start.hold_place(api, self._options, names, cpus, memory_mb)

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        """Return the running workspace, or start it on its existing volume, or on a new one."""
        with self._connect("start") as api:
            names = self._names(spec.workspace_name)
            start.WorkspaceStart(api, self._options, names).run(spec, log)
        return Workspace(
            id=spec.workspace_name,
            url=self._options.workspace_url(spec.workspace_name),
            password=spec.password,
            state=_state(names) | {SIGN_IN_KEY: SIGN_IN_BY_FORM},
        )

    def is_ready(self, workspace: Workspace) -> Readiness:
        """Return whether the machine's kubelet found that the editor answers."""
        with self._check("health") as api:
            pod = api.read(Kind.POD, self._names(workspace.id).base)
        if pod is None:
            return Readiness(False, "The cluster has no Pod of this workspace.")
        if states.is_ready(pod):
            return Readiness(True)
        return Readiness(False, states.why_not_ready(pod, self._options))

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        """Write the deadline to the Pod, unless this process did so a short time ago."""
        names = self._names(workspace.id)
        if is_written(names.base, ends_at):
            return
        with self._check("health") as api:
            write_deadline(api, names, ends_at)

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        """Return whether code-server lets nobody sign in after too many wrong passwords."""
        with self._check("health") as api:
            pod = api.read(Kind.POD, self._names(workspace.id).base)
            if pod is None or not states.is_running(pod):
                return False
            return files.is_sign_in_refused(api, pod["metadata"]["name"])

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        """Yield a look at the candidate's folder, by the sidecar."""
        with self._check("keep") as api:
            name = self._names(workspace.id).base
            pod = api.read(Kind.POD, name)
            if pod is None or not states.is_running(pod):
                raise ProvisionError("keep", NOT_RUNNING)
            with files.look_at_pod(api, name, since_ns, starting_paths, known) as look:
                yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        """End every process in the workspace, then pack its files at `path`.

        The archive lists what is not saved; more than 100 MB packed is an error.
        """
        with self._connect("save") as api:
            names = self._names(workspace.id)
            claim = api.read(Kind.CLAIM, names.base)
            if claim is None:
                raise WorkspaceGoneError(
                    "save",
                    "The workspace is missing, so no files could be saved: the namespace has no "
                    f"PersistentVolumeClaim {names.base}. Someone removed it by hand.",
                )
            names.check_ownership(claim, "save")
            pod = api.read(Kind.POD, names.base)
            if pod is not None:
                states.check_machine(pod, "save")
                if states.is_running(pod):
                    # The browser may not have saved the last keystrokes yet.
                    time.sleep(self._options.autosave_wait_seconds)
                waiting.remove_pod(api, names, names.base, "save")
            with self._files_pod(api, names):
                return files.pack_files(api, names.files, path, workspace.id, starting_paths)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """Remove the workspace's Pods, what leads to it, and its files at last."""
        with self._connect("remove") as api:
            names = self._names(workspace.id)
            claim = api.read(Kind.CLAIM, names.base)
            if claim is not None:
                names.check_ownership(claim, "remove")
            found = [
                waiting.remove_pod(api, names, name, "remove")
                for name in (names.base, names.place, names.files)
            ]
            forget_deadline(names.base)
            found += [api.delete(kind, names.base) for kind in PARTS]
            if claim is not None:
                api.delete(Kind.CLAIM, names.base, uid=states.uid(claim))
                waiting.await_removal(api, Kind.CLAIM, claim, "remove")
        if claim is not None or any(found):
            log("Stopped the workspace and removed its Pod, its disk and its address.")
        else:
            log(ALREADY_GONE)

    def list_owned(self) -> list[OwnedWorkspace]:
        """List every workspace that has at least a claim or a Pod left."""
        selector = naming.platform_selector(self._options.platform)
        since: dict[str, datetime] = {}
        with self._connect("list") as api:
            for kind in (Kind.CLAIM, Kind.POD):
                for resource in api.list_all(kind, selector):
                    name, created_at = naming.name_of(resource), naming.created_at(resource)
                    since[name] = min(created_at, since.get(name, created_at))
        return [
            OwnedWorkspace(name, since[name], _state(self._names(name))) for name in sorted(since)
        ]

    def list_machines(self) -> list[Machine]:
        """Return none: to ask for a cluster's machines takes rights beyond the namespace."""
        return []

    @contextmanager
    def _files_pod(self, api: Api, names: Names) -> Iterator[None]:
        """Have a Pod with the workspace's volume in the block."""
        # Of a worker that was killed.
        waiting.remove_pod(api, names, names.files, "save")
        api.create(Kind.POD, pods.files_pod(self._options, names))
        try:
            waiting.await_container(api, self._options, names.files, pods.HELPER, "save")
            yield
        finally:
            api.delete(Kind.POD, names.files)

    def _connect(self, step: str) -> AbstractContextManager[Api]:
        return connect(self._options, step)

    def _check(self, step: str) -> AbstractContextManager[Api]:
        return connect(self._options, step, timeout_seconds=CHECK_TIMEOUT_SECONDS)

    def _names(self, workspace_name: str) -> Names:
        return naming.names_of(self._options.platform, workspace_name)


def _state(names: Names) -> dict[str, Any]:
    return {POD_KEY: names.base}

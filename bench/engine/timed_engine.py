"""An engine whose workspaces answer after a fixed time, in the memory of one worker.

It stands in the place of the local engine for `bench.monday`, so that what is measured is the
platform, and no editor's start. A Django app, as that is how it gets into any checkout's processes:
this folder is on their path, beside `timed_settings`.
"""

import os
import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from operations.provisioners.base import Provisioner

SECONDS = float(os.environ.get("TIMED_ENGINE_SECONDS", "2"))


class TimedEngineConfig(AppConfig):
    name = label = "timed_engine"

    def ready(self) -> None:
        from operations import provisioners

        engine = _engine()
        provisioners.FACTORIES["local"] = lambda: engine


def _engine() -> "Provisioner":
    from operations.provisioners.base import (
        Isolation,
        Log,
        NotSaved,
        OwnedWorkspace,
        ProvisionError,
        Readiness,
        Workspace,
        WorkspaceSpec,
    )
    from operations.provisioners.file_look import FileLook, Stamp

    class TimedEngine:
        name = "local"
        patience = timedelta(minutes=5)
        isolates: frozenset[Isolation] = frozenset()

        def __init__(self) -> None:
            self._began: dict[str, float] = {}

        def reserve(
            self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
        ) -> None:
            """There is always room."""

        def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
            self._began.setdefault(spec.workspace_name, time.monotonic())
            address = f"http://127.0.0.1:1/{spec.workspace_name}/"
            return Workspace(spec.workspace_name, address, spec.password, {})

        def is_ready(self, workspace: Workspace) -> Readiness:
            # Another process asks for the health of what this one never started.
            began = self._began.get(workspace.id, 0.0)
            return Readiness(time.monotonic() - began >= SECONDS)

        def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
            """Its workspaces do not end by themselves."""

        def is_sign_in_refused(self, workspace: Workspace) -> bool:
            return False

        def look_at_files(
            self,
            workspace: Workspace,
            since_ns: int,
            starting_paths: Collection[str],
            known: Collection[Stamp] = (),
        ) -> AbstractContextManager[FileLook]:
            raise ProvisionError("keep", "The bench's workspaces have no files.")

        def export(
            self, workspace: Workspace, path: Path, starting_paths: Collection[str]
        ) -> list[NotSaved]:
            raise ProvisionError("save", "The bench's workspaces have no files.")

        def destroy(self, workspace: Workspace, log: Log) -> None:
            self._began.pop(workspace.id, None)

        def list_owned(self) -> list[OwnedWorkspace]:
            return []

        def list_machines(self) -> list[Any]:
            return []

    return TimedEngine()

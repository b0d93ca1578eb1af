"""An engine whose workspaces answer after a fixed time, in the memory of one worker.

It stands in the place of the local engine for `bench.monday`, so that what is measured is the
platform, and no editor's start. A Django app, as that is how it gets into any checkout's processes:
this folder is on their path, beside `timed_settings`. It is the checkout's own engine in memory, so
that it offers what that checkout asks of engines.
"""

import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

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
    # Imported once the apps are loaded.
    from operations.provisioners.base import Log, NotSaved, Readiness, Workspace, WorkspaceSpec
    from tests.memory_engine import FakeProvisioner

    class TimedEngine(FakeProvisioner):
        name = "local"

        def __init__(self) -> None:
            super().__init__()
            self._began: dict[str, float] = {}

        def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
            self._began.setdefault(spec.workspace_name, time.monotonic())
            return super().provision(spec, log)

        def is_ready(self, workspace: Workspace) -> Readiness:
            # Another process asks for the health of what this one never started.
            began = self._began.get(workspace.id, 0.0)
            return Readiness(time.monotonic() - began >= SECONDS)

        def export(
            self, workspace: Workspace, path: Path, starting_paths: Collection[str]
        ) -> list[NotSaved]:
            # Another process saves what this one never started.
            self.disks.setdefault(workspace.id, {"README.md": b"Saved.\n"})
            return super().export(workspace, path, starting_paths)

    return TimedEngine()

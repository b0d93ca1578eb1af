"""Engines that fail, named for how they do it. Each works again once it is mended."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

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
from tests.fakes import AnswersLate

DOES_NOT_ANSWER = "The engine does not answer."


def step_of(call: str) -> str:
    """Return the one word that an error of this call has."""
    return call.partition("_")[0]


class FailingEngine(AnswersLate):
    """The base: every call passes `before` and `after`, which may fail until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.is_mended = False
        self.calls: Counter[str] = Counter()

    def mend(self) -> None:
        self.is_mended = True

    def before(self, call: str) -> None:
        """Called before anything is done."""

    def after(self, call: str) -> None:
        """Called after it is done."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        self._begin("provision")
        workspace = super().provision(spec, log)
        self._end("provision")
        return workspace

    def is_ready(self, workspace: Workspace) -> Readiness:
        self._begin("is_ready")
        return super().is_ready(workspace)

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        self._begin("set_deadline")
        super().set_deadline(workspace, ends_at)

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        self._begin("look_at_files")
        with super().look_at_files(workspace, since_ns, starting_paths, known) as look:
            yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        self._begin("export")
        not_saved = super().export(workspace, path, starting_paths)
        self._end("export")
        return not_saved

    def destroy(self, workspace: Workspace, log: Log) -> None:
        self._begin("destroy")
        super().destroy(workspace, log)
        self._end("destroy")

    def list_owned(self) -> Iterable[OwnedWorkspace]:
        self._begin("list_owned")
        return super().list_owned()

    def _begin(self, call: str) -> None:
        self.calls[call] += 1
        if not self.is_mended:
            self.before(call)

    def _end(self, call: str) -> None:
        if not self.is_mended:
            self.after(call)


class FailsAtCall(FailingEngine):
    """It fails at the n-th of one kind of call, before it has done anything."""

    def __init__(self, call: str, number: int = 1, error: Exception | None = None) -> None:
        super().__init__()
        self._at = (call, number)
        self._error = error or ProvisionError(step_of(call), DOES_NOT_ANSWER)

    def before(self, call: str) -> None:
        if (call, self.calls[call]) == self._at:
            raise self._error


class DoesItAndReportsAnError(FailingEngine):
    """One kind of call succeeds, and answers an error the first time."""

    def __init__(self, call: str) -> None:
        super().__init__()
        self._call = call

    def after(self, call: str) -> None:
        if (call, self.calls[call]) == (self._call, 1):
            raise ProvisionError(step_of(call), DOES_NOT_ANSWER)


class GoneWhenItEnds(FailingEngine):
    """From the first export on it answers nothing."""

    def before(self, call: str) -> None:
        if self.calls["export"]:
            raise ProvisionError(step_of(call), DOES_NOT_ANSWER)


class RefusesToDestroy(FailingEngine):
    """It destroys nothing."""

    def before(self, call: str) -> None:
        if call == "destroy":
            raise ProvisionError(step_of(call), "The engine refuses.")


class HalfAnArchive(FailingEngine):
    """Its exports are cut off, and it takes them for good."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        not_saved = super().export(workspace, path, starting_paths)
        if not self.is_mended:
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2])
        return not_saved


class DamagedArchive(FailingEngine):
    """One byte of its exports is another one."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        not_saved = super().export(workspace, path, starting_paths)
        if not self.is_mended:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 0xFF
            path.write_bytes(content)
        return not_saved


class NoArchive(FailingEngine):
    """It exports nothing, and says that it did."""

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        not_saved = super().export(workspace, path, starting_paths)
        if not self.is_mended:
            path.write_bytes(b"")
        return not_saved


class AnswersForAnother(FailingEngine):
    """It returns the address of somebody else's workspace."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        workspace = super().provision(spec, log)
        if self.is_mended:
            return workspace
        return Workspace("another", "http://127.0.0.1:9/another/", "another password", {})


class NeverReadyUntilMended(FailingEngine):
    """Its workspaces do not answer."""

    def is_ready(self, workspace: Workspace) -> Readiness:
        return super().is_ready(workspace) if self.is_mended else Readiness(False)


def every_engine() -> dict[str, Any]:
    """A function that makes each engine, by what it does."""
    disk = OSError(28, "No space left on device")
    return {
        "fails at its first start": lambda: FailsAtCall("provision"),
        "fails at its second start": lambda: FailsAtCall("provision", 2),
        "raises what no engine should": lambda: FailsAtCall("provision", 1, KeyError("port")),
        "has a full disk at a start": lambda: FailsAtCall("provision", 1, disk),
        "cannot be asked once": lambda: FailsAtCall("is_ready"),
        "takes no deadline at first": lambda: FailsAtCall("set_deadline"),
        "fails at its first export": lambda: FailsAtCall("export"),
        "fails at its second export": lambda: FailsAtCall("export", 2),
        "has a full disk at an export": lambda: FailsAtCall("export", 1, disk),
        "fails at its first destroy": lambda: FailsAtCall("destroy"),
        "raises at a destroy": lambda: FailsAtCall("destroy", 1, KeyError("port")),
        "starts and reports an error": lambda: DoesItAndReportsAnError("provision"),
        "exports and reports an error": lambda: DoesItAndReportsAnError("export"),
        "destroys and reports an error": lambda: DoesItAndReportsAnError("destroy"),
        "is gone when it ends": GoneWhenItEnds,
        "refuses to destroy": RefusesToDestroy,
        "returns half an archive": HalfAnArchive,
        "returns a damaged archive": DamagedArchive,
        "returns no archive": NoArchive,
        "answers for another": AnswersForAnother,
        "is never ready": NeverReadyUntilMended,
    }

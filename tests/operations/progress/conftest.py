"""A running test whose workspace is a folder of this machine, and its progress."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from interviews.models import Interview
from operations import actions
from operations.progress import keep, schedule
from operations.progress.models import ProgressState, ProgressWatch
from operations.provisioners.base import Workspace
from operations.provisioners.file_look import FileLook, Stamp, look_at_folder
from operations.worker import runner
from tests.conftest import fresh
from tests.fakes import FakeProvisioner


class FolderEngine(FakeProvisioner):
    """Its workspaces are looked at in a real folder, and it counts what it reads."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.read: list[bytes] = []
        self.looks = 0

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        self.looks += 1
        look = look_at_folder(str(self.folder), since_ns, starting_paths, known)

        def counted():
            for file in look.files:
                if file.content is not None:
                    self.read.append(file.path)
                yield file

        yield FileLook(look.started_ns, counted())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The folder that the candidate works in; it has the starting files."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def folder_engine(use_engine: Callable, workspace: Path, monkeypatch) -> FolderEngine:
    # Without it each write of the last two seconds is read again.
    monkeypatch.setattr("operations.provisioners.file_look.CLOCK_MARGIN_NS", 0)
    engine = FolderEngine(workspace)
    use_engine(engine)
    return engine


@pytest.fixture
def watched(take_home: Interview, folder_engine: FolderEngine) -> Interview:
    """A running test whose progress is due."""
    runner.run_operation(actions.activate(take_home, by="candidate"))
    for name, content in folder_engine.disks[take_home.id].items():
        (folder_engine.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder_engine.folder / name).write_bytes(content)
    schedule.dispatch_due()
    return fresh(take_home)


def keep_now(interview: Interview) -> list[ProgressState]:
    """Keep the progress as if it were due, and return all states."""
    due_at = timezone.now() - timedelta(seconds=1)
    ProgressWatch.objects.filter(pk=interview.id).update(due_at=due_at)
    keep.keep(interview.id)
    return states_of(interview)


def states_of(interview: Interview) -> list[ProgressState]:
    return list(ProgressState.objects.filter(interview_id=interview.id))

"""What changed since the last turn is kept before the workspace of a test that is over goes."""

from pathlib import Path

import pytest
from django.db import DatabaseError

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions
from operations.progress import keep
from operations.progress.models import ProgressWatch
from operations.provisioners.base import ProvisionError
from tests.conftest import fresh, run_until_idle
from tests.operations.progress.conftest import FolderEngine, keep_now, states_of

pytestmark = pytest.mark.django_db


def submit(interview: Interview) -> Interview:
    actions.end(fresh(interview), by="candidate", reason=EndReason.SUBMITTED)
    return run_until_idle(interview)


def test_work_of_the_last_minutes_is_a_state(watched, workspace: Path) -> None:
    keep_now(watched)
    (workspace / "late.py").write_bytes(b"print(1)\nprint(2)\n")
    ended = submit(watched)
    assert ended.state is Status.COMPLETED
    assert [(state.files_added, state.lines_added) for state in states_of(watched)][-1] == (1, 2)


def test_a_test_that_was_never_looked_at_has_one_state(watched, workspace: Path) -> None:
    ProgressWatch.objects.all().delete()
    (workspace / "late.py").write_bytes(b"print(1)\n")
    submit(watched)
    (state,) = states_of(watched)
    assert (state.number, state.files_added) == (1, 1)


def test_without_a_change_there_is_no_further_state(watched) -> None:
    keep_now(watched)
    submit(watched)
    assert len(states_of(watched)) == 1


@pytest.mark.parametrize("error", [ProvisionError("keep", "No answer."), OSError(), ValueError()])
def test_an_engine_that_fails_then_saves_all_the_same(
    watched, folder_engine: FolderEngine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(folder_engine, "look_at_files", fails)
    ended = submit(watched)
    assert (ended.state, bool(ended.history_s3_key)) == (Status.COMPLETED, True)
    assert states_of(watched) == []


def test_a_database_that_fails_then_holds_up_no_end(
    watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(ProgressWatch.objects, "get_or_create", fails)
        ended = submit(watched)
    assert (ended.state, bool(ended.history_s3_key)) == (Status.COMPLETED, True)


def test_what_another_worker_keeps_is_left_to_it(watched, workspace: Path) -> None:
    keep_now(watched)
    ProgressWatch.objects.update(claim="other", claimed_until="2999-01-01T00:00:00Z")
    (workspace / "late.py").write_bytes(b"print(1)\n")
    assert submit(watched).state is Status.COMPLETED
    assert len(states_of(watched)) == 1
    assert ProgressWatch.objects.get().claim == "other"


def test_a_workspace_that_may_lack_files_is_not_looked_at(
    watched, folder_engine: FolderEngine
) -> None:
    keep_now(watched)
    looks = folder_engine.looks
    watched.restoring_state = 1
    keep.keep_last(watched)
    assert folder_engine.looks == looks


def test_nothing_is_kept_where_nothing_is_to_be(watched, settings, workspace: Path) -> None:
    settings.PROGRESS_MINUTES = 0
    (workspace / "late.py").write_bytes(b"print(1)\n")
    submit(watched)
    assert states_of(watched) == []

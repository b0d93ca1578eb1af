"""Where staff ends a test without saving, nothing of its progress stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions
from operations.operation_log import OperationLog
from operations.progress.cleanup import delete_progress_of_sitting
from operations.progress.keys import folder_of
from operations.progress.manifest_store import read_manifest
from operations.progress.models import ProgressState, ProgressWatch
from operations.progress.packs import read_content
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.progress.conftest import keep_now

pytestmark = pytest.mark.django_db


def end_without_saving(interview: Interview) -> Interview:
    actions.end(fresh(interview), by="staff", reason=EndReason.ENDED_BY_STAFF, save=False)
    return run_until_idle(fresh(interview))


def test_its_states_and_their_files_are_deleted(watched, workspace: Path) -> None:
    (workspace / "mine.py").write_bytes(b"mine\n")
    keep_now(watched)
    interview = end_without_saving(watched)
    assert interview.state is Status.COMPLETED
    assert not ProgressState.objects.exists()
    assert not ProgressWatch.objects.exists()
    assert not default_storage.exists(folder_of(watched.id))


def test_those_of_an_earlier_sitting_stay(watched, workspace: Path) -> None:
    (workspace / "mine.py").write_bytes(b"mine\n")
    first = keep_now(watched)[-1]
    ProgressState.objects.create(
        interview_id=watched.id,
        number=2,
        sitting=2,
        at=datetime.now(UTC),
        key="x",
        files=0,
        lines=0,
    )
    later = default_storage.save(f"{folder_of(watched.id)}/00002-ab.pack", ContentFile(b"later"))
    watched.reopened = 1
    delete_progress_of_sitting(watched)
    assert list(ProgressState.objects.all()) == [first]
    assert not default_storage.exists(later)
    manifest = read_manifest(first.key)
    for file in manifest.files.values():
        assert read_content(manifest.contents[file.sha256], file.sha256)


def test_a_store_that_fails_is_asked_again(watched, monkeypatch) -> None:
    keep_now(watched)

    def fails(*_: object, **__: object) -> None:
        raise OSError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr("operations.progress.cleanup._delete_folder", fails)
        actions.end(fresh(watched), by="staff", reason=EndReason.ENDED_BY_STAFF, save=False)
        interview = run_until_idle(fresh(watched))
        assert interview.state is Status.DESTROYING
        lines = OperationLog.query(operation_of(interview).id)
        assert any("file store isn't responding" in line.message for line in lines)
    interview = run_until_idle(fresh(interview))
    assert interview.state is Status.COMPLETED
    assert not default_storage.exists(folder_of(watched.id))

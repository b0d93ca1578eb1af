"""A workspace that is lost with its files starts again, or ends, with those that were kept last."""

import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, health_watch, operation_log
from operations.lifecycle import OperationStatus
from operations.progress import schedule
from operations.progress.manifest_store import read_manifest
from operations.provisioners.local import provisioner as local
from operations.provisioners.local.provisioner import LocalProvisioner, stop_all_workspaces
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.operations.progress.conftest import keep_now
from tests.operations.provisioners.conftest import plain, plain_editor, root

__all__ = ["plain", "plain_editor", "root"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_health_checks")]

ODD_NAME = b"caf\xe9\n.txt"
CONTENT = bytes(range(256)) * 50


@pytest.fixture
def working_in(use_engine, plain: LocalProvisioner, take_home: Interview) -> Interview:
    """A running test on the local engine, whose candidate has saved files."""
    use_engine(plain)
    actions.activate(take_home, by="candidate")
    interview = run_until_idle(fresh(take_home))
    assert interview.state is Status.ACTIVE
    schedule.dispatch_due()
    return interview


def folder_of(root: Path, interview: Interview) -> Path:
    return root / interview.workspace_name / "files"


def write_work(folder: Path) -> None:
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/data.bin").write_bytes(CONTENT)
    (folder / "link").symlink_to("run.sh")
    Path(os.fsdecode(os.fsencode(folder) + b"/" + ODD_NAME)).write_bytes(b"latin\n")


def assert_has_work(folder: Path) -> None:
    assert (folder / "deep/er/data.bin").read_bytes() == CONTENT
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (folder / "deep/er/data.bin").stat().st_mode & 0o111 == 0
    assert (folder / "link").readlink() == Path("run.sh")
    assert Path(os.fsdecode(os.fsencode(folder) + b"/" + ODD_NAME)).read_bytes() == b"latin\n"


def lose(root: Path, interview: Interview) -> None:
    """The disk of the workspace is gone."""
    stop_all_workspaces(root, grace_seconds=0.5)
    shutil.rmtree(root / interview.workspace_name)


def restarted(interview: Interview) -> Interview:
    health_watch.check_health(interview.id)
    return run_until_idle(interview)


def log_of(interview: Interview) -> str:
    operation = operation_of(interview)
    return "\n".join(line.message for line in operation_log.OperationLog.query(operation.id))


def die_while_it_restores(
    monkeypatch: pytest.MonkeyPatch,
    interview: Interview,
    write: Callable[[Path], None] = lambda folder: None,
) -> None:
    """Restart it by a worker that dies where it unpacks the files, after it wrote these."""

    def dies(folder: Path, *_: object) -> None:
        write(folder)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(local, "unpack_archive", dies)
        with pytest.raises(KeyboardInterrupt):
            restarted(interview)


def end_lease(interview: Interview) -> None:
    """As if so much time had passed since its worker died."""
    operation = operation_of(interview)
    operation.release(operation.lease_owner or "")


def test_a_lost_workspace_starts_again_with_the_last_state(
    working_in, root: Path, client, staff, stream
) -> None:
    folder = folder_of(root, working_in)
    write_work(folder)
    state = keep_now(working_in)[-1]
    (folder / "later.txt").write_bytes(b"not kept")
    before = {path.name for path in folder.iterdir()} - {"later.txt"}
    lose(root, working_in)
    interview = restarted(working_in)
    assert interview.state is Status.ACTIVE
    assert not interview.restarting
    assert not interview.paused_at
    assert {path.name for path in folder.iterdir()} == before
    assert_has_work(folder)
    events = [event for event in interview.timeline if event.what == TimelineEvent.RESTORED]
    assert [int(event.moved_to.timestamp()) for event in events] == [int(state.at.timestamp())]
    assert interview.restoring_state is None
    assert "The workspace was lost. Using the files that were kept at" in log_of(interview)
    page = client.get(f"/take-home/{interview.passcode}/").text
    assert 'id="restored-from"' in page
    assert "Later changes are gone, and the clock was paused meanwhile." in page
    client.force_login(staff)
    page = client.get(f"/interviews/{interview.id}/").text
    assert "It was started again with its files from" in page
    assert "earlier; the clock was paused meanwhile" in page
    # The next look knows the new files, and finds nothing new.
    assert keep_now(interview)[-1].number == state.number


def test_a_worker_that_died_while_it_restored_leaves_no_half_of_the_files(
    working_in, root: Path, client, monkeypatch
) -> None:
    write_work(folder_of(root, working_in))
    keep_now(working_in)
    lose(root, working_in)
    die_while_it_restores(monkeypatch, working_in)
    assert fresh(working_in).restoring_state == 1
    page = client.get(f"/take-home/{working_in.passcode}/").text
    assert "with the files that were kept last" in page
    assert "with all your files" not in page
    end_lease(working_in)
    interview = run_until_idle(working_in)
    assert interview.state is Status.ACTIVE
    assert_has_work(folder_of(root, working_in))
    events = [event for event in interview.timeline if event.what == TimelineEvent.RESTORED]
    assert len(events) == 1


def test_a_store_that_is_away_is_waited_for(working_in, root: Path, monkeypatch) -> None:
    write_work(folder_of(root, working_in))
    state = keep_now(working_in)[-1]
    lose(root, working_in)
    with monkeypatch.context() as patched:

        def is_away(*_: object, **__: object) -> None:
            raise OSError("no answer")

        patched.setattr("operations.progress.packs.PackReader.read", is_away)
        health_watch.check_health(working_in.id)
        operation = operation_of(working_in)
        runner.run_operation(operation.id)
        assert not folder_of(root, working_in).exists()
        assert operation_of(working_in).status == OperationStatus.PENDING
    interview = run_until_idle(working_in)
    assert interview.state is Status.ACTIVE
    assert_has_work(folder_of(root, interview))
    assert state.number == 1


def test_a_lost_content_costs_its_file_alone(working_in, root: Path) -> None:
    keep_now(working_in)
    write_work(folder_of(root, working_in))
    state = keep_now(working_in)[-1]
    manifest = read_manifest(state.key)
    default_storage.delete(manifest.contents[manifest.files[b"run.sh"].sha256].pack)
    lose(root, working_in)
    interview = restarted(working_in)
    assert interview.state is Status.ACTIVE
    assert "Not restored, as their content isn't kept:" in log_of(interview)
    assert any(folder_of(root, interview).rglob("README*"))


def test_without_a_kept_state_it_fails_as_before(working_in, root: Path) -> None:
    lose(root, working_in)
    interview = restarted(working_in)
    assert interview.state is Status.ACTIVE
    assert interview.problem == "The workspace's folder is gone."
    assert interview.restoring_state is None


@pytest.mark.parametrize("is_over", [False, True])
def test_an_empty_folder_never_stands_for_what_cannot_be_read(
    working_in, root: Path, monkeypatch, is_over: bool
) -> None:
    write_work(folder_of(root, working_in))
    key = keep_now(working_in)[-1].key
    lose(root, working_in)
    die_while_it_restores(monkeypatch, working_in)
    shutil.rmtree(root / working_in.workspace_name, ignore_errors=True)
    default_storage.delete(key)
    end_lease(working_in)
    if is_over:
        actions.end(fresh(working_in), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    runner.run_operation(operation_of(fresh(working_in)).id)
    interview = fresh(working_in)
    why = "no files could be saved" if is_over else "what was kept of it can't be read"
    assert why in interview.problem
    assert not folder_of(root, interview).exists()
    assert not interview.history_s3_key
    if is_over:
        # Staff may give up the files.
        assert (interview.state, interview.failed_step) == (Status.DESTROYING, "save")


def test_half_of_the_files_of_a_restore_are_not_what_is_saved(
    working_in, root: Path, monkeypatch
) -> None:
    write_work(folder_of(root, working_in))
    keep_now(working_in)
    lose(root, working_in)

    def write_half(folder: Path) -> None:
        (folder / "files.part").mkdir(parents=True)
        (folder / "files.part/README.md").write_bytes(b"half")

    die_while_it_restores(monkeypatch, working_in, write_half)
    end_lease(working_in)
    actions.end(fresh(working_in), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    interview = run_until_idle(fresh(working_in))
    assert interview.state is Status.COMPLETED
    with (
        default_storage.open(interview.history_s3_key) as file,
        tarfile.open(fileobj=file) as saved,
    ):
        assert "files/deep/er/data.bin" in saved.getnames()


def test_a_workspace_that_is_lost_at_its_end_has_the_last_state_saved(
    working_in, root: Path
) -> None:
    write_work(folder_of(root, working_in))
    keep_now(working_in)
    lose(root, working_in)
    actions.end(fresh(working_in), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    interview = run_until_idle(fresh(working_in))
    assert interview.state is Status.COMPLETED
    with (
        default_storage.open(interview.history_s3_key) as file,
        tarfile.open(fileobj=file) as saved,
    ):
        data = saved.extractfile("files/deep/er/data.bin")
        assert data is not None
        assert data.read() == CONTENT
    events = [event for event in interview.timeline if event.what == TimelineEvent.RESTORED]
    assert [event.status for event in events] == ["destroying"]

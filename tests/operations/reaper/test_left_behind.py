"""What was left on a machine is ended once the machine is back, and its newer files are saved."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from operations import actions, health_watch, tasks
from operations.archives import archive
from operations.progress import schedule
from operations.progress.models import ProgressState
from operations.reaper import end, scan
from operations.reaper.models import Orphan, OrphanReason, open_orphans
from operations.worker import relocation, runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import OnMachines
from tests.operations.progress.conftest import keep_now
from tests.orphans import make_due, saved_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_health_checks")]


@pytest.fixture
def engine(use_engine: Callable[..., OnMachines]) -> OnMachines:
    return use_engine(OnMachines())


@pytest.fixture
def kept(take_home: Interview, engine: OnMachines) -> Interview:
    """A running test with a kept state."""
    runner.run_operation(actions.activate(take_home, by="candidate"))
    schedule.dispatch_due()
    engine.running[take_home.id]["work.py"] = b"kept"
    keep_now(take_home)
    return fresh(take_home)


def move(interview: Interview, engine: OnMachines) -> tuple[Interview, str]:
    """Lose its machine, and have it start on another one; return the lost one, too."""
    machine = engine.lose_machine(interview.workspace_name)
    health_watch.check_health(interview.id)
    return run_until_idle(interview), machine


def end_due(enqueued: list[tuple[str, str]]) -> None:
    """Do what the periodic task has workers do."""
    enqueued.clear()
    tasks.watch()
    for task, argument in enqueued:
        if task == "operations.end_orphan":
            end.end_orphan(int(argument))


def test_newer_files_are_saved_beside_the_others_of_a_running_test(
    kept: Interview,
    engine: OnMachines,
    enqueued: list[tuple[str, str]],
    client: Client,
    staff: User,
) -> None:
    engine.running[kept.id]["work.py"] = b"newer"
    interview, machine = move(kept, engine)
    end_due(enqueued)
    [orphan] = open_orphans()
    assert "The machine m1 is down" in orphan.problem
    assert kept.id in engine.running
    engine.bring_back(machine)
    make_due(orphan)
    end_due(enqueued)
    assert sorted(engine.disks) == [interview.workspace_name]
    interview = fresh(kept)
    [left] = interview.earlier_archives
    assert (left.sitting, left.left_behind) == (1, kept.id)
    assert saved_in(left.key)["work.py"] == b"newer"
    assert interview.state is Status.ACTIVE and interview.history_s3_key is None
    orphan.refresh_from_db()
    assert (orphan.saved_bytes, orphan.why) == (left.bytes, OrphanReason.LEFT_BEHIND)

    # It is the submission that comes first.
    engine.running[interview.workspace_name]["work.py"] = b"submitted"
    actions.submit(interview, by="candidate")
    interview = run_until_idle(kept)
    assert saved_in(interview.history_s3_key)["work.py"] == b"submitted"
    client.force_login(staff)
    page = client.get(f"/interviews/{kept.id}/").text
    assert "Files from the machine that was down" in page
    assert "Download files" in page
    told = client.get(f"/api/interviews/{kept.id}").json()
    assert [each["isLeftBehind"] for each in told["sittings"][0]["files"]] == [True, False]


def test_files_of_the_kept_state_are_not_saved_again(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    _, machine = move(kept, engine)
    engine.bring_back(machine)
    end_due(enqueued)
    assert kept.id not in engine.disks
    assert fresh(kept).earlier_archives == []
    assert not default_storage.exists(archive.archive_folder(kept.id))
    assert Orphan.objects.get().saved_bytes is None


@pytest.mark.parametrize(
    "change",
    [
        lambda files, bits: files.update({"more.py": b""}),
        lambda files, bits: files.pop("work.py"),
        lambda files, bits: bits.add("work.py"),
    ],
    ids=["added", "deleted", "executable"],
)
def test_any_difference_counts_as_newer(
    kept: Interview,
    engine: OnMachines,
    enqueued: list[tuple[str, str]],
    change: Callable[[Any, Any], Any],
) -> None:
    change(engine.running[kept.id], engine.executable[kept.id])
    _, machine = move(kept, engine)
    engine.bring_back(machine)
    end_due(enqueued)
    assert len(fresh(kept).earlier_archives) == 1


def test_state_that_cannot_be_read_is_no_reason_to_lose_files(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    _, machine = move(kept, engine)
    default_storage.delete(ProgressState.objects.get().key)
    engine.bring_back(machine)
    end_due(enqueued)
    assert saved_in(fresh(kept).earlier_archives[0].key)["work.py"] == b"kept"


def test_files_are_saved_beside_a_submission_from_the_kept_state(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    engine.running[kept.id]["work.py"] = b"newer"
    machine = engine.lose_machine(kept.id)
    actions.submit(kept, by="candidate")
    run_until_idle(kept)
    engine.bring_back(machine)
    end_due(enqueued)
    interview = fresh(kept)
    assert interview.state is Status.COMPLETED
    assert saved_in(interview.history_s3_key)["work.py"] == b"kept"
    assert saved_in(interview.earlier_archives[0].key)["work.py"] == b"newer"
    assert engine.disks == {}


def test_found_after_another_sitting_it_is_not_what_the_first_submitted(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    engine.running[kept.id]["work.py"] = b"newer"
    machine = engine.lose_machine(kept.id)
    actions.submit(kept, by="candidate")
    run_until_idle(kept)
    actions.reopen(fresh(kept), 20, by="recruiter")
    actions.submit(run_until_idle(kept), by="candidate")
    run_until_idle(kept)
    engine.bring_back(machine)
    end_due(enqueued)
    first = archive.archives_of_sittings(fresh(kept))[1]
    assert [bool(each.is_left_behind) for _, each in first] == [True, False]
    assert len(archive.archives_of_sittings(fresh(kept))[2]) == 1


def test_end_of_the_test_and_the_files_that_were_left_lose_nothing_of_each_other(
    kept: Interview,
    engine: OnMachines,
    enqueued: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The end has read the row before these files were added."""
    engine.running[kept.id]["work.py"] = b"newer"
    interview, machine = move(kept, engine)
    engine.bring_back(machine)
    [orphan] = open_orphans()
    store = archive.store_archive

    def store_slowly(path: Path, key: str, *more: Any) -> archive.StoredArchive:
        stored = store(path, key, *more)
        if open_orphans().exists():
            monkeypatch.setattr(archive, "store_archive", store)
            end.end_orphan(orphan.pk)
        return stored

    actions.submit(interview, by="candidate")
    monkeypatch.setattr(archive, "store_archive", store_slowly)
    interview = run_until_idle(kept)
    assert interview.state is Status.COMPLETED and interview.is_saved
    assert [bool(each.is_left_behind) for each in interview.earlier_archives] == [True]
    keys = {interview.history_s3_key, interview.earlier_archives[0].key}
    folder = archive.archive_folder(kept.id)
    assert {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]} >= keys


def test_it_does_not_wait_for_the_operations_of_the_new_workspace(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    interview, machine = move(kept, engine)
    engine.bring_back(machine)
    actions.end(interview, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    end_due(enqueued)
    assert kept.id not in engine.disks
    assert interview.workspace_name in engine.disks


def test_scan_finds_what_its_worker_did_not_record(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    _, machine = move(kept, engine)
    Orphan.objects.all().delete()
    engine.bring_back(machine)
    scan.scan_engines()
    [orphan] = open_orphans()
    assert orphan.why == OrphanReason.LEFT_BEHIND
    assert orphan.end_at <= timezone.now()
    end_due(enqueued)
    assert kept.id not in engine.disks


def test_machine_that_comes_back_without_it_has_nothing_to_save(
    kept: Interview, engine: OnMachines, enqueued: list[tuple[str, str]]
) -> None:
    _, machine = move(kept, engine)
    del engine.running[kept.id], engine.disks[kept.id]
    engine.bring_back(machine)
    end_due(enqueued)
    assert not open_orphans().exists()
    assert kept.id in engine.destroyed


def test_place_for_a_move_that_never_came_has_nothing_to_save(
    kept: Interview, engine: OnMachines
) -> None:
    engine.running[kept.next_workspace_name] = engine.disks[kept.next_workspace_name] = {}
    scan.scan_engines()
    [orphan] = open_orphans()
    assert orphan.why == OrphanReason.OTHER_OPENING
    make_due(orphan)
    end.end_orphan(orphan.pk)
    assert kept.next_workspace_name in engine.destroyed
    assert fresh(kept).earlier_archives == []


def test_place_in_line_goes_with_the_workspace(
    kept: Interview, engine: OnMachines, settings: Any
) -> None:
    from operations.admission.models import Admission, LimitedEngine

    LimitedEngine.objects.create(engine="fake")
    Admission.objects.create(
        engine="fake",
        workspace=kept.id,
        interview_id=kept.id,
        shown_at=kept.id,
        type=kept.type,
        priority=20,
        since=timezone.now(),
        queued_at=timezone.now(),
        admitted_at=timezone.now(),
        length_seconds=60,
    )
    relocation.leave_machine(fresh(kept), 1)
    [row] = Admission.objects.all()
    assert row.workspace == f"{kept.id}-m1"
    assert timedelta(0) < timezone.now() - row.since

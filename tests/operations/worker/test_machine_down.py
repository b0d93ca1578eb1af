"""A machine is down while a test runs on it: it goes on elsewhere, with what was kept of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.timeline import TimelineEvent
from operations import actions, health_watch, operation_log
from operations.lifecycle import OperationStatus
from operations.models import LeaseLostError
from operations.progress import restore, schedule
from operations.progress.models import ProgressState
from operations.queue import enqueue
from operations.reaper.models import OrphanReason, open_orphans
from operations.worker import fencing, relocation, runner
from tests.conftest import expire_lease, fresh, operation_of, run_until_idle
from tests.fakes import OnMachines
from tests.operations.progress.conftest import keep_now
from tests.orphans import saved_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("immediate_health_checks")]


@pytest.fixture
def engine(use_engine: Callable[..., OnMachines]) -> OnMachines:
    return use_engine(OnMachines())


@pytest.fixture
def begun(take_home: Interview, engine: OnMachines) -> Interview:
    """A running test of which nothing was kept yet."""
    runner.run_operation(actions.activate(take_home, by="candidate"))
    schedule.dispatch_due()
    return fresh(take_home)


@pytest.fixture
def kept(begun: Interview, engine: OnMachines) -> Interview:
    """One with a kept state, and later work."""
    engine.running[begun.id]["work.py"] = b"kept"
    keep_now(begun)
    engine.running[begun.id]["work.py"] = b"later"
    return fresh(begun)


def moved_events(interview: Interview) -> list[TimelineEntry]:
    return [event for event in interview.timeline if event.what == TimelineEvent.MOVED]


def log_of(interview: Interview) -> str:
    return "\n".join(each.message for each in operation_log.read_lines(operation_of(interview).id))


def restarted(interview: Interview) -> Interview:
    health_watch.check_health(interview.id)
    return run_until_idle(interview)


def test_it_starts_on_another_machine_with_the_state_kept_last(
    kept: Interview, engine: OnMachines
) -> None:
    machine = engine.lose_machine(kept.id)
    health_watch.check_health(kept.id)
    assert fresh(kept).paused_at is not None, "the clock goes on"
    interview = run_until_idle(kept)
    name = f"{kept.id}-m1"
    assert interview.workspace_name == name
    assert interview.state is Status.ACTIVE
    assert interview.paused_at is None and interview.restarting is None
    assert interview.problem is None
    assert engine.running[name]["work.py"] == b"kept"
    assert engine.machine_of[name] != machine
    assert interview.access_url == f"http://{engine.machine_of[name]}/{name}/"
    assert interview.password == kept.password == engine.passwords[name]
    [state] = ProgressState.objects.filter(interview_id=kept.id)
    [event] = moved_events(interview)
    assert int(event.moved_to.timestamp()) == int(state.at.timestamp())
    assert interview.restoring_state is None
    assert "is down since" in log_of(interview)
    # What is on the machine is as it was.
    assert engine.running[kept.id]["work.py"] == b"later"
    assert kept.id not in engine.destroyed
    # And the next look goes on from there.
    engine.running[name]["work.py"] = b"on the other machine"
    assert [each.number for each in keep_now(interview)] == [1, 2]


def test_it_waits_until_the_machine_counts_as_lost(kept: Interview, engine: OnMachines) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        engine.patience_with_machines = timedelta(seconds=15)
        engine.lose_machine(kept.id)
        health_watch.check_health(kept.id)
        operation = operation_of(kept)
        for seconds in (10, 6):
            runner.run_operation(operation.id)
            assert fresh(kept).workspace_name == kept.id
            waiting = operation_of(kept)
            assert (waiting.status, waiting.failures) == (OperationStatus.PENDING, 0)
            # It is due no later than it may be moved, by a second that rows do not have.
            assert waiting.due_at == now() + timedelta(seconds=seconds)
            clock.shift(timedelta(seconds=seconds))
        assert log_of(kept).count("is down since") == 1
        runner.run_operation(operation.id)
        assert fresh(kept).workspace_name == f"{kept.id}-m1"


def test_machine_that_is_back_in_time_keeps_its_workspace(
    kept: Interview, engine: OnMachines
) -> None:
    engine.patience_with_machines = timedelta(minutes=1)
    machine = engine.lose_machine(kept.id)
    health_watch.check_health(kept.id)
    runner.run_operation(operation_of(kept).id)
    engine.bring_back(machine)
    interview = run_until_idle(kept)
    assert interview.workspace_name == kept.id
    assert engine.running[kept.id]["work.py"] == b"later"
    assert interview.machines_lost is None and interview.paused_at is None


def test_while_no_other_machine_has_room_it_may_still_come_back(
    kept: Interview, engine: OnMachines
) -> None:
    engine.names = ("m1",)
    machine = engine.lose_machine(kept.id)
    health_watch.check_health(kept.id)
    runner.run_operation(operation_of(kept).id)
    waiting = operation_of(kept)
    assert waiting.waiting_reason == "No machine is free: 1 machines down."
    assert fresh(kept).machines_lost is None
    engine.bring_back(machine)
    assert run_until_idle(kept).workspace_name == kept.id
    assert engine.running[kept.id]["work.py"] == b"later"


def test_before_anything_was_kept_it_begins_with_the_starting_files(
    begun: Interview, engine: OnMachines, client: Client
) -> None:
    starting = dict(engine.running[begun.id])
    engine.running[begun.id]["work.py"] = b"a few minutes of work"
    engine.lose_machine(begun.id)
    interview = restarted(begun)
    assert interview.state is Status.ACTIVE
    assert engine.running[interview.workspace_name] == starting
    assert moved_events(interview)[0].moved_to == begun.ready_at
    assert 'id="restored-from"' in client.get(f"/take-home/{interview.passcode}/").text


def test_reopened_test_begins_with_the_files_of_the_sitting_before(
    kept: Interview, engine: OnMachines
) -> None:
    actions.submit(kept, by="candidate")
    actions.reopen(run_until_idle(kept), 20, by="recruiter")
    interview = run_until_idle(kept)
    engine.running[interview.workspace_name]["work.py"] = b"second sitting"
    engine.lose_machine(interview.workspace_name)
    interview = restarted(interview)
    assert interview.workspace_name == f"{kept.id}-2-m1"
    assert engine.running[interview.workspace_name]["work.py"] == b"later"


@pytest.mark.parametrize(
    ("kept_minutes_ago", "is_moved"), [(14, True), (16, False)], ids=["little", "much"]
)
def test_it_waits_rather_than_lose_much_work(
    kept: Interview, engine: OnMachines, kept_minutes_ago: int, is_moved: bool
) -> None:
    with time_machine.travel(now() + timedelta(minutes=kept_minutes_ago), tick=False):
        health_watch.check_health(kept.id)
        engine.lose_machine(kept.id)
        health_watch.check_health(kept.id)
        runner.run_operation(operation_of(kept).id)
        assert (fresh(kept).workspace_name != kept.id) is is_moved
        assert ("so it waits for the machine" in log_of(kept)) is not is_moved


def test_looks_that_found_nothing_new_count_as_kept(begun: Interview, engine: OnMachines) -> None:
    keep_now(begun)
    with time_machine.travel(now() + timedelta(minutes=30), tick=False):
        keep_now(begun)
        health_watch.check_health(begun.id)
        engine.lose_machine(begun.id)
        health_watch.check_health(begun.id)
        runner.run_operation(operation_of(begun).id)
        assert fresh(begun).workspace_name == f"{begun.id}-m1"


def test_test_without_progress_waits_for_its_machine(
    begun: Interview, engine: OnMachines, settings: Any
) -> None:
    settings.PROGRESS_MINUTES = 0
    machine = engine.lose_machine(begun.id)
    health_watch.check_health(begun.id)
    runner.run_operation(operation_of(begun).id)
    assert fresh(begun).workspace_name == begun.id
    assert "Its progress isn't kept, so it waits for the machine." in log_of(begun)
    engine.bring_back(machine)
    assert run_until_idle(begun).workspace_name == begun.id


def test_machine_that_dies_while_it_restarts_the_workspace(
    kept: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found out by a readiness check, and not only when the engine's patience is over."""
    del engine.running[kept.id]
    monkeypatch.setattr("operations.worker.provision.PROVISION_AGAIN_AFTER", timedelta(0))
    monkeypatch.setattr(OnMachines, "provision", dies_after(OnMachines.provision))
    engine.patience_with_machines = timedelta(minutes=1)
    health_watch.check_health(kept.id)
    runner.run_operation(operation_of(kept).id)
    # It waits for its machine, and no more for its workspace.
    assert operation_of(kept).status == OperationStatus.PENDING
    engine.patience_with_machines = timedelta(0)
    assert restarted(kept).workspace_name == f"{kept.id}-m1"


def dies_after(provision: Callable[..., Any]) -> Callable[..., Any]:
    def act(engine: OnMachines, spec: Any, log: Any) -> Any:
        workspace = provision(engine, spec, log)
        if not engine.down_since:
            engine.lose_machine(workspace.id)
        return workspace

    return act


def test_second_machine_is_left_like_the_first(kept: Interview, use_engine: Any) -> None:
    engine = use_engine(OnMachines("m1", "m2", "m3"))
    engine.running[kept.id] = engine.disks[kept.id] = {"work.py": b"later"}
    engine.machine_of[kept.id] = "m1"
    engine.lose_machine(kept.id)
    first = restarted(kept)
    engine.running[first.workspace_name]["work.py"] = b"on the second"
    keep_now(first)
    engine.lose_machine(first.workspace_name)
    second = restarted(first)
    assert second.workspace_name == f"{kept.id}-m2"
    assert engine.running[second.workspace_name]["work.py"] == b"on the second"
    assert len(moved_events(second)) == 2


# -- who decides -----------------------------------------------------------------------------------


def test_of_two_workers_one_leaves_the_machine(kept: Interview, engine: OnMachines) -> None:
    other = fresh(kept)
    relocation.leave_machine(fresh(kept), 1)
    with pytest.raises(StaleWriteError):
        relocation.leave_machine(other, 1)
    assert fresh(kept).machines_lost == 1


def test_worker_that_lost_its_lease_leaves_nothing(
    kept: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.lose_machine(kept.id)
    health_watch.check_health(kept.id)

    def lost(*_: object) -> None:
        raise LeaseLostError("another worker")

    with monkeypatch.context() as patched:
        patched.setattr(fencing, "ensure_still_owner", lost)
        runner.run_operation(operation_of(kept).id)
    assert fresh(kept).machines_lost is None


def die_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, interview: Interview) -> None:
    """Restart it by a worker that dies right before this call."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dies)
        health_watch.check_health(interview.id)
        with pytest.raises(KeyboardInterrupt):
            runner.run_operation(operation_of(interview).id)
    expire_lease(operation_of(interview))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (Interview, "leave_machine"),
        ("operations.reaper.left_behind", "record"),
        (OnMachines, "new_files"),
        (Interview, "add_restored"),
        ("operations.deadlines", "resume"),
    ],
)
def test_worker_that_dies_is_replaced(
    kept: Interview,
    engine: OnMachines,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
) -> None:
    if isinstance(module, str):
        module = __import__(module, fromlist=[name])
    engine.lose_machine(kept.id)
    die_at(monkeypatch, module, name, kept)
    # Not even a health check lets its candidate in before the address is known.
    health_watch.check_health(kept.id)
    interview = run_until_idle(kept)
    assert (interview.state, interview.workspace_name) == (Status.ACTIVE, f"{kept.id}-m1")
    assert interview.paused_at is None and interview.restoring_state is None
    assert interview.access_url and len(moved_events(interview)) == 1
    assert engine.running[interview.workspace_name]["work.py"] == b"kept"
    assert sorted(engine.running) == [kept.id, f"{kept.id}-m1"]


def test_in_between_the_candidate_has_no_address(
    kept: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    engine.lose_machine(kept.id)
    die_at(monkeypatch, Interview, "add_restored", kept)
    health_watch.check_health(kept.id)
    interview = fresh(kept)
    assert interview.paused_at is not None
    page = client.get(f"/take-home/{kept.passcode}/").text
    assert kept.access_url not in page and "None" not in page
    assert 'id="open-workspace"' not in page
    assert client.get(f"/take-home/{kept.passcode}/open/").status_code != 302
    # A half of the files may be there, of which no state is kept.
    del engine.running[f"{kept.id}-m1"]["work.py"]
    keep_now(interview)
    assert ProgressState.objects.count() == 1


def test_late_worker_does_not_remove_what_was_left_behind(
    kept: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was about to start it on its machine, which then was back, when all was over."""

    def goes_on(*_: object) -> None:
        engine.bring_back(engine.lose_machine(kept.id))
        relocation.leave_machine(fresh(kept), 1)
        actions.end(fresh(kept), by="recruiter", reason=EndReason.ENDED_BY_STAFF)

    monkeypatch.setattr(engine, "is_ready", lambda workspace: False)
    del engine.running[kept.id]
    operation_id = enqueue.restart_workspace(fresh(kept))
    assert operation_id is not None
    provision = OnMachines.provision

    def late(engine: OnMachines, spec: Any, log: Any) -> Any:
        workspace = provision(engine, spec, log)
        goes_on()
        return workspace

    monkeypatch.setattr(OnMachines, "provision", late)
    runner.run_operation(operation_id)
    assert kept.id in engine.disks and kept.id not in engine.destroyed


# -- a test that is over ---------------------------------------------------------------------------


def saved_of(interview: Interview) -> dict[str, bytes]:
    return saved_in(interview.history_s3_key)


def test_submission_is_the_state_kept_last(kept: Interview, engine: OnMachines) -> None:
    engine.lose_machine(kept.id)
    actions.submit(kept, by="candidate")
    interview = run_until_idle(kept)
    assert interview.state is Status.COMPLETED
    assert saved_of(interview)["work.py"] == b"kept"
    assert [event.status for event in moved_events(interview)] == ["destroying"]
    assert "If it comes back, its files are saved beside these." in log_of(interview)
    assert kept.id in engine.disks


def test_submission_waits_until_the_machine_counts_as_lost(
    kept: Interview, engine: OnMachines
) -> None:
    engine.patience_with_machines = timedelta(minutes=1)
    machine = engine.lose_machine(kept.id)
    actions.submit(kept, by="candidate")
    runner.run_operation(operation_of(kept).id)
    assert fresh(kept).state is Status.DESTROYING
    engine.bring_back(machine)
    assert saved_of(run_until_idle(kept))["work.py"] == b"later"


def test_submission_of_which_nothing_was_kept_waits_for_its_files(
    begun: Interview, engine: OnMachines
) -> None:
    engine.running[begun.id]["work.py"] = b"all of it"
    machine = engine.lose_machine(begun.id)
    actions.submit(begun, by="candidate")
    runner.run_operation(operation_of(begun).id)
    interview = fresh(begun)
    assert interview.state is Status.DESTROYING
    assert "Nothing was kept of it yet, so it waits for the machine." in interview.problem
    engine.bring_back(machine)
    assert saved_of(run_until_idle(begun))["work.py"] == b"all of it"


@pytest.mark.parametrize("has_state", [True, False], ids=["kept", "starting files"])
def test_test_that_ends_in_the_middle_of_the_move(
    begun: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch, has_state: bool
) -> None:
    starting = dict(engine.running[begun.id])
    if has_state:
        engine.running[begun.id]["work.py"] = b"kept"
        keep_now(begun)
    engine.lose_machine(begun.id)
    die_at(monkeypatch, Interview, "add_restored", begun)
    # What there is of the new one is not what its candidate did.
    engine.running[f"{begun.id}-m1"].clear()
    actions.end(fresh(begun), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    interview = run_until_idle(begun)
    assert interview.state is Status.COMPLETED
    assert saved_of(interview) == (starting | ({"work.py": b"kept"} if has_state else {}))
    assert len(moved_events(interview)) == 1
    assert f"{begun.id}-m1" not in engine.disks


def test_worker_that_dies_while_it_ends_is_replaced(
    kept: Interview, engine: OnMachines, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.lose_machine(kept.id)
    actions.submit(kept, by="candidate")

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restore, "write_archive", dies)
        with pytest.raises(KeyboardInterrupt):
            runner.run_operation(operation_of(kept).id)
    expire_lease(operation_of(kept))
    interview = run_until_idle(kept)
    assert interview.state is Status.COMPLETED
    assert saved_of(interview)["work.py"] == b"kept"
    assert default_storage.exists(interview.history_s3_key)


def test_what_is_left_is_known_at_once(kept: Interview, engine: OnMachines) -> None:
    engine.lose_machine(kept.id)
    restarted(kept)
    [orphan] = open_orphans()
    assert (orphan.name, orphan.why) == (kept.id, OrphanReason.LEFT_BEHIND)
    assert (orphan.interview_id, orphan.state) == (kept.id, {"machine": "m1"})

"""When there is a practice workspace, what is in it, and what it leaves alone."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.utils import translation

from interviews import outbox
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, models, practice, reconciler
from operations.actions import WrongStateError
from operations.practice.files import practice_files
from operations.queue import enqueue
from operations.start_times import statistics
from operations.worker import runner
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Broken, FakeProvisioner


def refusal(interview):
    with pytest.raises(WrongStateError) as refused:
        actions.start_practice(fresh(interview))
    return str(refused.value)


def times_practised(interview):
    events = fresh(interview).timeline
    return [each.at for each in events if each.what == TimelineEvent.PRACTISED]


def test_it_is_a_workspace_of_the_products_own_files(take_home, practising, engine):
    assert (practising.state, practising.type) == (Status.ACTIVE, "practice")
    assert practising.id == f"practice1-{take_home.id}"
    assert set(engine.disks[practising.id]) == {"README.md", "hello.txt", "hello.sh"}
    assert engine.specs[-1].executable == {"hello.sh"}
    assert practising.auto_destroy_at - practising.ready_at == timedelta(minutes=10)
    assert practising.password not in (None, take_home.password)


def test_its_files_are_in_the_candidates_language(take_home, practise, engine):
    with translation.override("de"):
        row = practise(take_home)
    # The worker speaks another language.
    readme = engine.disks[row.id]["README.md"].decode()
    assert readme.startswith("# Übungsumgebung\n")
    assert "sh hello.sh" in readme


@pytest.mark.parametrize(
    ("language", "greeting"), [("en", "Hello, World!\n"), ("de", "Hallo, Welt!\n")]
)
def test_its_command_runs_in_any_folder(tmp_path, language, greeting):
    for path, content in practice_files(Interview(practice_language=language)).items():
        (tmp_path / path).write_bytes(content)
    command = ["/bin/sh", str(tmp_path / "hello.sh")]
    assert subprocess.check_output(command, cwd="/", text=True) == greeting


def test_it_has_the_limits_of_the_challenge(take_home, engine, practise, monkeypatch):
    from interviews.challenges import library

    version = library.get_version(take_home.challenge, 1)
    version.cpus, version.memory_mb = 1.5, 700
    monkeypatch.setattr(library, "get_version", lambda *_: version)
    practise(take_home)
    assert (engine.specs[-1].cpus, engine.specs[-1].memory_mb) == (1.5, 700)


def test_it_leaves_the_test_as_it_was_but_for_the_timeline(take_home, practise):
    before = fresh(take_home).attribute_values
    row = practise(take_home)
    after = fresh(take_home).attribute_values
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed - {"updated_at"} == {"timeline", "write_id"}
    [entry] = after["timeline"][1:]
    assert (entry.what, entry.by, entry.status) == ("practised", "candidate", "available")
    assert entry.at == row.ready_at


def test_it_is_recorded_once_even_if_its_worker_dies_before_it_closed_the_operation(
    take_home, practise, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(models.Operation, "succeed", lambda *_: None)
        row = practise(take_home)
    operation = operation_of(row)
    assert operation.status == "running"
    past = operation.created_at - timedelta(minutes=1)
    operation.update(actions=[models.Operation.lease_until.set(past)])
    runner.run_operation(operation.id)
    assert operation_of(row).status == "completed"
    assert times_practised(take_home) == [row.ready_at]


def test_a_worker_that_died_before_it_recorded_it_leaves_that_to_the_next(
    take_home, practise, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(models.Operation, "succeed", lambda *_: None)
        patch.setattr(practice, "record_practised", lambda *_: None)
        row = practise(take_home)
    assert times_practised(take_home) == []
    operation = operation_of(row)
    past = operation.created_at - timedelta(minutes=1)
    operation.update(actions=[models.Operation.lease_until.set(past)])
    runner.run_operation(operation.id)
    assert times_practised(take_home) == [row.ready_at]


def test_pages_of_the_interview_hear_of_it(take_home, engine, stream):
    stream.entries.clear()
    actions.start_practice(take_home)
    row = run_until_idle(practice.practices_of(take_home.id)[0])
    heard = [each for each in stream.entries if each["name"] == "interview"]
    assert {each["interviewId"] for each in heard} == {take_home.id}
    told = [(each["type"], each["status"]) for each in stream.events_named("interview")]
    assert ("practice", "active") in told
    assert row.id not in str(heard)


def test_nobody_is_told_of_it(take_home, practise):
    outbox.mark_relayed(fresh(take_home))
    row = practise(take_home)
    assert list(outbox.pending_ids(10)) == []
    actions.end_practice(take_home)
    run_until_idle(row)
    assert list(outbox.pending_ids(10)) == []


def test_it_is_no_measured_start(take_home, practise):
    practise(take_home)
    assert statistics.provisioners_with_starts(dry_runs=False) == []
    assert statistics.provisioners_with_starts(dry_runs=True) == []


def test_a_second_click_starts_no_second_one(take_home, practising):
    assert actions.start_practice(fresh(take_home)) == practising.id
    assert len(practice.practices_of(take_home.id)) == 1
    assert len(models.list_operations(practising.id)) == 1


@pytest.mark.usefixtures("real_tables", "engine")
def test_clicks_at_the_same_time_start_one(invite):
    interview = invite()
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(actions.start_practice, [fresh(interview) for _ in range(4)]))
    [row] = practice.practices_of(interview.id)
    assert set(ids) == {row.id}
    assert len(models.list_operations(row.id)) == 1


def test_three_in_all(take_home, practise):
    for number in (1, 2, 3):
        with time_machine.travel(now() + timedelta(minutes=5 * number), tick=False):
            row = practise(take_home)
            assert row.id == f"practice{number}-{take_home.id}"
            actions.end_practice(take_home)
            assert run_until_idle(row).state is Status.COMPLETED
    assert "You've already had 3 practice workspaces" in refusal(take_home)
    assert fresh(take_home).state is Status.AVAILABLE
    assert len(times_practised(take_home)) == 3


def test_one_that_is_closing_is_waited_for(take_home, practising):
    actions.end_practice(take_home)
    assert "still closing" in refusal(take_home)
    assert [each.id for each in practice.practices_of(take_home.id)] == [practising.id]


def test_none_once_the_test_has_begun(running):
    assert "before the start" in refusal(running)


def test_none_for_an_invitation_that_is_over(take_home):
    with time_machine.travel(take_home.valid_until + timedelta(seconds=1)):
        assert "before the start" in refusal(take_home)


def test_none_if_it_is_switched_off(take_home, settings):
    settings.PRACTICE_MINUTES = 0
    assert "before the start" in refusal(take_home)
    assert not practice.practices_of(take_home.id)


@pytest.mark.parametrize("type_", ["practice", "dry-run"])
def test_none_for_a_practice_workspace_or_a_dry_run(take_home, type_):
    assert practice.is_offered(take_home)
    take_home.type = type_
    assert not practice.is_offered(take_home)


def test_one_before_a_live_interview(schedule, practise):
    interview = schedule()
    row = practise(interview)
    assert row.state is Status.ACTIVE
    assert fresh(interview).state is Status.SCHEDULED
    assert fresh(interview).due_at == interview.due_at


def test_a_full_platform_says_so_and_the_test_starts(invite, practise, settings, engine):
    settings.PRACTICE_WORKSPACES = 1
    one, other = invite(), invite()
    row = practise(one)
    assert "All practice workspaces are in use" in refusal(other)
    assert not practice.practices_of(other.id)
    actions.activate(other, by="candidate")
    assert run_until_idle(other).state is Status.ACTIVE
    actions.end_practice(one)
    run_until_idle(row)
    assert actions.start_practice(invite())


def test_a_failed_one_can_be_tried_again(take_home, use_engine, practise):
    use_engine(Broken())
    actions.start_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    assert run_until_idle(row).state is Status.ERROR
    use_engine(FakeProvisioner())
    assert practise(take_home).state is Status.ACTIVE
    assert len(practice.practices_of(take_home.id)) == 1


def test_a_failed_one_is_not_tried_for_ever(take_home, use_engine):
    use_engine(Broken())
    for _ in range(4):
        actions.start_practice(take_home)
        [row] = practice.practices_of(take_home.id)
        assert run_until_idle(row).state is Status.ERROR
    assert "You can start anyway" in refusal(take_home)


def test_a_row_whose_process_died_is_started_by_the_schedule(
    take_home, engine, monkeypatch, enqueued
):
    with monkeypatch.context() as patch:
        patch.setattr(enqueue, "queue_provisioning", lambda *_, **__: exec("raise OSError"))
        with pytest.raises(OSError):
            actions.start_practice(take_home)
    [row] = practice.practices_of(take_home.id)
    assert row.state is Status.SCHEDULED
    reconciler.run_due()
    assert run_until_idle(row).state is Status.ACTIVE


def test_it_is_no_part_of_the_lists(take_home, practising):
    keys = {row.list_key for row in Interview.scan() if row.id == practising.id}
    assert keys == {"practice"}

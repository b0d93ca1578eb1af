"""An ended test is opened again on the files that were saved; both ends are kept."""

import tarfile
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from operations import actions
from operations.exceptions import InvalidInputError, WrongStateError
from operations.worker import handler, runner
from tests.conftest import fresh, run_until_idle
from tests.fakes import CannotSave, Gate


@pytest.fixture
def ended(running, engine):
    engine.running[running.id]["answer.py"] = b"42\n"
    actions.submit(running, by="candidate")
    return run_until_idle(running)


def test_it_has_the_files_that_were_saved_and_nothing_of_the_challenge(ended, engine):
    actions.reopen(ended, 20, by="recruiter")
    row = run_until_idle(ended)
    assert row.status == "active"
    assert engine.running[f"{ended.id}-2"]["answer.py"] == b"42\n"
    assert engine.specs[-1].files == {}
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=20)
    assert (row.list_key, row.ttl, row.completed_at, row.end_reason) == (
        "take-home",
        None,
        None,
        None,
    )


def test_the_old_end_stays_in_the_timeline(ended):
    actions.reopen(ended, 20, by="recruiter")
    says = [(moment.status, moment.what) for moment in fresh(ended).timeline[-3:]]
    assert says == [("destroying", None), ("completed", None), ("activated", "reopened")]
    assert fresh(ended).timeline[-1].seconds == 1200


def test_its_second_end_saves_again_and_keeps_the_first_files(ended, engine):
    first = ended.history_s3_key
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    engine.running[f"{ended.id}-2"]["answer.py"] = b"43\n"
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(ended)
    assert row.status == "completed"
    assert [archive.key for archive in row.earlier_archives] == [first]
    # A worker who repeats this end saves nothing again.
    assert row.is_saved
    for key, content in ((first, b"42\n"), (row.history_s3_key, b"43\n")):
        with default_storage.open(key) as stored, tarfile.open(fileobj=stored) as saved:
            assert saved.extractfile("answer.py").read() == content


def test_a_second_press_is_answered_like_the_first(ended):
    operation_id = actions.reopen(ended, 20, by="recruiter")
    assert actions.reopen(fresh(ended), 20, by="colleague") == operation_id


def test_one_that_never_became_ready_ends_with_the_files_it_had(ended):
    first = ended.history_s3_key
    assert first
    actions.reopen(ended, 20, by="recruiter")
    actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    row = run_until_idle(ended)
    assert (row.status, row.history_s3_key) == ("completed", first)
    assert list(row.earlier_archives) == []


def test_it_can_be_opened_a_third_time(ended, engine):
    for _ in range(2):
        actions.reopen(fresh(ended), 20, by="recruiter")
        run_until_idle(ended)
        actions.end(fresh(ended), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
        run_until_idle(ended)
    row = fresh(ended)
    assert (int(row.reopened), len(row.earlier_archives)) == (2, 2)


def test_what_was_given_the_first_time_is_not_given_again(running, engine):
    actions.extend(running, 60, by="recruiter")
    actions.submit(fresh(running), by="candidate")
    row = run_until_idle(running)
    actions.reopen(row, 20, by="recruiter")
    assert fresh(row).length == timedelta(minutes=20)


def test_lost_files_are_said_and_a_new_try_is_possible(ended, engine):
    with default_storage.open(ended.history_s3_key) as file:
        content = file.read()
    default_storage.delete(ended.history_s3_key)
    actions.reopen(ended, 20, by="recruiter")
    row = run_until_idle(ended)
    assert row.status == "error"
    assert row.problem == "The saved files are no longer in the store."
    with default_storage.open(ended.history_s3_key, "wb") as file:
        file.write(content)
    actions.retry(row, by="recruiter")
    assert run_until_idle(row).status == "active"


def test_damaged_files_are_not_given_to_anybody(ended):
    with default_storage.open(ended.history_s3_key, "wb") as file:
        file.write(b"something else")
    actions.reopen(ended, 20, by="recruiter")
    assert run_until_idle(ended).problem.startswith("The saved files in the store are not those")


@pytest.mark.parametrize("minutes", [0, -5, 481, 10**9])
def test_minutes_that_cannot_be_are_refused(ended, minutes):
    with pytest.raises(InvalidInputError) as refused:
        actions.reopen(ended, minutes, by="recruiter")
    assert refused.value.field == "minutes"
    assert fresh(ended).status == "completed"


def test_a_test_without_saved_files_stays_closed(running, use_engine):
    use_engine(CannotSave())
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF, save=False)
    row = run_until_idle(running)
    assert row.status == "completed"
    with pytest.raises(WrongStateError, match="files saved"):
        actions.reopen(row, 20, by="recruiter")


def test_a_revoked_test_stays_closed(running):
    actions.revoke(running, by="recruiter")
    with pytest.raises(WrongStateError):
        actions.reopen(run_until_idle(running), 20, by="recruiter")


def test_a_teardown_that_comes_late_does_not_reach_the_next_opening(ended, engine):
    """Its worker was silent for so long that another one finished, and staff went on."""
    late = handler.workspace_of(ended)
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    engine.destroy(late, lambda line: None)
    assert list(engine.running) == [f"{ended.id}-2"]


def test_a_create_that_comes_late_is_cleaned_up_and_harms_no_later_opening(invite, use_engine):
    engine = use_engine(Gate())
    interview = invite()
    operation_id = actions.activate(interview, by="candidate")
    late = threading.Thread(target=runner.run_operation, args=[operation_id])
    late.start()
    assert engine.entered.wait(20)
    # Its lease is lost, and all is over and opened again before its engine answers.
    row = fresh(interview)
    row.move_to(Status.DESTROYING, by="recruiter", operation_id="gone")
    saved = {"history_s3_key": "archives/x", "ready_at": now()}
    row.move_to(Status.COMPLETED, by="worker", operation_id=None, **saved)
    actions.reopen(fresh(interview), 20, by="recruiter")
    engine.open.set()
    late.join(20)
    assert engine.running == {}
    assert engine.destroyed == [interview.id]


def test_it_is_no_restart(running):
    running.change(restarting=True)
    actions.submit(fresh(running), by="candidate")
    actions.reopen(run_until_idle(running), 20, by="recruiter")
    assert fresh(running).restarting is None

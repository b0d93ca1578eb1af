"""Deleting an ended interview removes all of its data, in an order that survives a crash."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.pagination.history import Filters
from interviews.search import lookup
from interviews.search.index import SearchTerm
from interviews.timeline import TimelineEvent
from operations import actions, models, operation_log, retention, tasks
from operations.actions import WrongStateError
from operations.archives import archive
from operations.models import Operation
from operations.operation_log import OperationLog
from operations.progress.models import ProgressState
from tests.conftest import fresh, run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(running):
    """A completed test with its files in the storage."""
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)


@pytest.fixture
def reopened_and_ended(ended):
    actions.reopen(ended, 30, by="recruiter")
    again = run_until_idle(fresh(ended))
    actions.end(again, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(again)


def stored(files):
    return [path for path in files.rglob("*") if "challenges" not in path.parts and path.is_file()]


def test_delete_removes_everything_of_the_interview(reopened_and_ended, files, stream):
    # Both sittings' archives, and what was kept of their progress.
    assert len(list((files / "archives").rglob("*.tar.gz"))) == 2
    assert list((files / "progress").rglob("*.files"))
    retention.delete_interview(reopened_and_ended, by="recruiter")
    assert stored(files) == []
    assert queries.get_interview(reopened_and_ended.id) is None
    assert [list(model.scan()) for model in (Operation, OperationLog, SearchTerm)] == [[], [], []]
    assert stream.events_named("interview")[-1]["interviewId"] == reopened_and_ended.id


def test_copy_that_a_dead_worker_left_is_deleted_an_hour_later(reopened_and_ended, files):
    expected = stored(files)
    folder = f"archives/{reopened_and_ended.id}"
    copy = default_storage.save(f"{folder}/left-behind.tar.gz", ContentFile(b"copy"))
    retention.delete_archive_copies()
    assert default_storage.exists(copy)
    with time_machine.travel(now() + archive.UNREFERENCED_LIFETIME + timedelta(seconds=1)):
        tasks.forget_old()
    assert stored(files) == expected


def test_copies_of_a_test_that_was_reopened_stay(reopened_and_ended, monkeypatch):
    folder = f"archives/{reopened_and_ended.id}"
    copy = default_storage.save(f"{folder}/being-written.tar.gz", ContentFile(b"copy"))
    actions.reopen(reopened_and_ended, 30, by="recruiter")
    # The index lags behind: it still lists the test as ended.
    monkeypatch.setattr(type(Interview.ended_index), "query", lambda *_, **__: [reopened_and_ended])
    with time_machine.travel(now() + archive.UNREFERENCED_LIFETIME + timedelta(seconds=1)):
        retention.delete_archive_copies()
    assert default_storage.exists(copy)


def test_delete_keeps_everything_of_other_interviews(ended, invite, files):
    other = invite(candidate_name="Ada")
    actions.activate(other, by="candidate")
    other = run_until_idle(other)
    actions.end(other, by="recruiter", reason=EndReason.SUBMITTED)
    other = run_until_idle(other)
    before = models.list_operations(other.id)
    retention.delete_interview(ended, by="recruiter")
    assert default_storage.exists(other.history_s3_key)
    assert [one.id for one in models.list_operations(other.id)] == [one.id for one in before]
    assert operation_log.read_lines(before[0].id) != []
    assert [one.id for one in lookup.search_page("ada", Filters()).items] == [other.id]
    assert fresh(other).updated_at == other.updated_at


def test_delete_makes_the_passcode_unknown(ended):
    retention.delete_interview(ended, by="recruiter")
    assert queries.get_by_passcode(ended.passcode) is None


def test_delete_of_an_unused_invitation(take_home):
    actions.revoke(take_home, by="recruiter")
    retention.delete_interview(fresh(take_home), by="recruiter")
    assert queries.get_interview(take_home.id) is None
    assert list(SearchTerm.scan()) == []


def test_delete_removes_archives_of_an_interrupted_teardown(ended, files):
    default_storage.save(f"archives/{ended.id}/of-a-try.tar.gz", ContentFile(b"x"))
    retention.delete_interview(ended, by="recruiter")
    assert stored(files) == []
    assert not (files / "archives" / ended.id).exists()


def test_delete_of_a_running_test_is_rejected(running, files):
    with pytest.raises(WrongStateError) as refused:
        retention.delete_interview(running, by="recruiter")
    assert str(refused.value) == "Only what has ended can be deleted. Status: In progress."
    assert fresh(running).state is Status.ACTIVE


def test_delete_of_a_test_reopened_meanwhile_deletes_nothing(ended, files):
    stale = fresh(ended)
    actions.reopen(ended, 30, by="recruiter")
    with pytest.raises(StaleWriteError):
        retention.delete_interview(stale, by="recruiter")
    again = run_until_idle(fresh(ended))
    assert again.state is Status.ACTIVE
    assert default_storage.exists(again.history_s3_key)
    assert len(models.list_operations(again.id)) == 3


def test_reopening_during_a_delete_is_rejected(ended, monkeypatch):
    """A process that read the row before the delete, and one that reads it during the delete."""
    stale, refusals = fresh(ended), []
    delete_files = retention._delete_files

    def reopen_meanwhile(interview):
        for read in (stale, fresh(ended)):
            with pytest.raises(WrongStateError) as refused:
                actions.reopen(read, 30, by="somebody")
            refusals.append(str(refused.value))
        return delete_files(interview)

    monkeypatch.setattr(retention, "_delete_files", reopen_meanwhile)
    retention.delete_interview(ended, by="recruiter")
    assert len(refusals) == 2
    assert queries.get_interview(ended.id) is None


@pytest.mark.parametrize(
    "step", ["_delete_files", "operations_of", "_delete_operation", "_delete_row"]
)
def test_interrupted_delete_can_be_repeated(reopened_and_ended, files, monkeypatch, step):
    def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, step, crash)
        with pytest.raises(KeyboardInterrupt):
            retention.delete_interview(reopened_and_ended, by="recruiter")
    left = fresh(reopened_and_ended)
    assert left.history_s3_key is None
    known = {file.key for file in left.earlier_archives}
    known |= set(ProgressState.objects.values_list("key", flat=True))
    # A pack has the name of its list.
    known |= {key.replace(".files", ".pack") for key in known}
    assert {str(path.relative_to(files)) for path in stored(files)} <= known
    retention.delete_interview(left, by="recruiter")
    assert stored(files) == []
    assert queries.get_interview(reopened_and_ended.id) is None
    assert [list(model.scan()) for model in (Operation, OperationLog, SearchTerm)] == [[], [], []]


def test_concurrent_deletes_both_succeed(ended, monkeypatch):
    delete_files = retention._delete_files

    def both(interview):
        monkeypatch.setattr(retention, "_delete_files", delete_files)
        retention.delete_interview(fresh(ended), by="somebody")
        return delete_files(interview)

    monkeypatch.setattr(retention, "_delete_files", both)
    retention.delete_interview(ended, by="recruiter")
    assert queries.get_interview(ended.id) is None


def test_delete_loses_to_a_concurrent_write(ended, monkeypatch):
    def write(interview):
        fresh(ended).change_time(by="somebody", what=TimelineEvent.EXTENDED, seconds=60)

    monkeypatch.setattr(retention, "_delete_files", write)
    with pytest.raises(StaleWriteError):
        retention.delete_interview(ended, by="recruiter")
    assert isinstance(queries.get_interview(ended.id), Interview)


def test_expired_interviews_are_deleted_with_their_files(running):
    actions.submit(running, by="candidate")
    row = run_until_idle(running)
    key = row.history_s3_key
    retention.delete_expired()
    assert default_storage.exists(key)
    row.change(completed_at=now() - timedelta(days=91))
    retention.delete_expired()
    assert queries.get_interview(running.id) is None
    assert not default_storage.exists(key)


def ttls(interview):
    """When DynamoDB removes the row, its operations, their logs, and its search terms."""
    operations = models.list_operations(interview.id)
    lines = [line for each in operations for line in OperationLog.query(each.id)]
    return [row.ttl for row in (fresh(interview), *operations, *lines, *SearchTerm.scan())]


def test_nothing_of_an_interview_is_removed_before_its_retention_is_over(running, settings):
    """Lengthened after the end: an older, earlier ttl must not undercut the setting."""
    settings.RETENTION_DAYS = 10
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    ended = run_until_idle(running)
    assert ended.ttl - ended.completed_at <= timedelta(days=17, seconds=5)
    settings.RETENTION_DAYS = 3650
    with time_machine.travel(ended.completed_at + timedelta(days=11), tick=False):
        tasks.forget_old()
    assert min(ttls(ended)) >= ended.completed_at + timedelta(days=3650)
    assert fresh(ended).updated_at == ended.updated_at
    with time_machine.travel(ended.completed_at + timedelta(days=3651), tick=False):
        tasks.forget_old()
        assert queries.get_interview(ended.id) is None


def test_the_log_and_the_words_of_what_was_running_while_it_was_raised_are_kept_as_long(
    running, settings
):
    """They were written under the smaller number, and the end under the larger one."""
    settings.RETENTION_DAYS = 3650
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    ended = run_until_idle(running)
    tasks.forget_old()
    assert min(ttls(ended)) >= ended.completed_at + timedelta(days=3650)


def test_a_row_that_is_kept_long_enough_is_not_written(ended):
    before = ttls(ended)
    for days in (0, 50, 89):
        with time_machine.travel(ended.completed_at + timedelta(days=days), tick=False):
            retention.keep_longer()
    assert ttls(ended) == before


def test_a_shorter_retention_deletes_what_ended_before_it(ended, files, settings):
    """The schedule goes by the end, whatever ttl was written."""
    settings.RETENTION_DAYS = 10
    with time_machine.travel(ended.completed_at + timedelta(days=9), tick=False):
        tasks.forget_old()
        assert queries.get_interview(ended.id) is not None
    with time_machine.travel(ended.completed_at + timedelta(days=10), tick=False):
        tasks.forget_old()
        assert queries.get_interview(ended.id) is None
    assert stored(files) == []


@pytest.mark.parametrize("days", [1, 90, 3650])
def test_the_ttl_of_what_ended_is_a_week_after_its_retention(invite, settings, days):
    settings.RETENTION_DAYS = days
    take_home = invite()
    actions.revoke(take_home, by="recruiter")
    row = fresh(take_home)
    kept = row.ttl - row.completed_at
    assert timedelta(0) <= kept - timedelta(days=days + 7) < timedelta(seconds=5)
    assert min(ttls(take_home)[1:]) > row.completed_at + timedelta(days=days)


def test_one_that_cannot_be_kept_longer_does_not_keep_others_waiting(
    ended, settings, monkeypatch, caplog
):
    settings.RETENTION_DAYS = 3650
    monkeypatch.setattr(Interview, "keep_until", lambda row, ttl: 1 / 0)
    with time_machine.travel(ended.completed_at + timedelta(days=95), tick=False):
        retention.keep_longer()
    assert "interview_not_kept_longer" in caplog.text

"""Deleting an ended interview: everything of it, in an order that survives a crash."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interviews import queries
from interviews.dynamodb import now
from interviews.history import Filters
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview, StaleWriteError
from interviews.search import lookup
from interviews.search.index import SearchTerm
from operations import (
    actions,
    models,
    operation_log,
    retention,
)
from operations.actions import WrongStateError
from operations.models import Operation
from operations.operation_log import OperationLog
from tests.conftest import fresh, run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(running):
    """A test that was taken, with its files in the store."""
    actions.end(running, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(running)


@pytest.fixture
def opened_twice(ended):
    actions.reopen(ended, 30, by="recruiter")
    again = run_until_idle(fresh(ended))
    actions.end(again, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    return run_until_idle(again)


def stored(files):
    return [path for path in files.rglob("*") if "challenges" not in path.parts and path.is_file()]


def test_delete_leaves_nothing_of_it(opened_twice, files, stream):
    assert len(stored(files)) == 2
    retention.delete_interview(opened_twice, by="recruiter")
    assert stored(files) == []
    assert queries.get_interview(opened_twice.id) is None
    assert [list(model.scan()) for model in (Operation, OperationLog, SearchTerm)] == [[], [], []]
    assert stream.said("interview")[-1]["interviewId"] == opened_twice.id


def test_delete_leaves_everything_of_others(ended, invite, files):
    other = invite(candidate_name="Ada")
    actions.activate(other, by="candidate")
    other = run_until_idle(other)
    actions.end(other, by="recruiter", reason=EndReason.SUBMITTED)
    other = run_until_idle(other)
    before = models.of_interview(other.id)
    retention.delete_interview(ended, by="recruiter")
    assert default_storage.exists(other.history_s3_key)
    assert [one.id for one in models.of_interview(other.id)] == [one.id for one in before]
    assert operation_log.lines(before[0].id) != []
    assert [one.id for one in lookup.search_page("ada", Filters()).items] == [other.id]
    assert fresh(other).updated_at == other.updated_at


def test_delete_makes_the_link_unknown(ended):
    retention.delete_interview(ended, by="recruiter")
    assert queries.get_by_passcode(ended.passcode) is None


def test_delete_of_an_invitation_that_was_never_used(take_home):
    actions.revoke(take_home, by="recruiter")
    retention.delete_interview(fresh(take_home), by="recruiter")
    assert queries.get_interview(take_home.id) is None
    assert list(SearchTerm.scan()) == []


def test_delete_takes_what_an_end_that_was_cut_short_left_behind(ended, files):
    default_storage.save(f"archives/{ended.id}/of-a-try.tar.gz", ContentFile(b"x"))
    retention.delete_interview(ended, by="recruiter")
    assert stored(files) == []
    assert not (files / "archives" / ended.id).exists()


def test_delete_of_what_is_not_over_is_refused(running, files):
    with pytest.raises(WrongStateError) as refused:
        retention.delete_interview(running, by="recruiter")
    assert str(refused.value) == "It is running: only what is over can be deleted."
    assert fresh(running).state is Status.ACTIVE


def test_delete_of_what_was_opened_again_meanwhile_loses_nothing(ended, files):
    stale = fresh(ended)
    actions.reopen(ended, 30, by="recruiter")
    with pytest.raises(StaleWriteError):
        retention.delete_interview(stale, by="recruiter")
    again = run_until_idle(fresh(ended))
    assert again.state is Status.ACTIVE
    assert default_storage.exists(again.history_s3_key)
    assert len(models.of_interview(again.id)) == 3


def test_reopening_of_what_is_being_deleted_is_refused(ended, monkeypatch):
    """Whoever read the row before, and whoever reads it while its files are going."""
    stale, refusals = fresh(ended), []
    delete_files = retention._delete_files

    def reopen_meanwhile(interview):
        for read in (stale, fresh(ended)):
            with pytest.raises(WrongStateError) as refused:
                actions.reopen(read, 30, by="somebody")
            refusals.append(str(refused.value))
        delete_files(interview)

    monkeypatch.setattr(retention, "_delete_files", reopen_meanwhile)
    retention.delete_interview(ended, by="recruiter")
    assert len(refusals) == 2
    assert queries.get_interview(ended.id) is None


@pytest.mark.parametrize(
    "step", ["_delete_files", "_operations", "_delete_operation", "_delete_row"]
)
def test_delete_that_was_cut_short_can_be_done_again(opened_twice, files, monkeypatch, step):
    def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, step, crash)
        with pytest.raises(KeyboardInterrupt):
            retention.delete_interview(opened_twice, by="recruiter")
    left = fresh(opened_twice)
    assert left.history_s3_key is None
    known = {file.key for file in left.earlier_archives}
    assert {str(path.relative_to(files)) for path in stored(files)} <= known
    retention.delete_interview(left, by="recruiter")
    assert stored(files) == []
    assert queries.get_interview(opened_twice.id) is None
    assert [list(model.scan()) for model in (Operation, OperationLog, SearchTerm)] == [[], [], []]


def test_delete_by_two_at_once_is_done(ended, monkeypatch):
    delete_files = retention._delete_files

    def both(interview):
        monkeypatch.setattr(retention, "_delete_files", delete_files)
        retention.delete_interview(fresh(ended), by="somebody")
        delete_files(interview)

    monkeypatch.setattr(retention, "_delete_files", both)
    retention.delete_interview(ended, by="recruiter")
    assert queries.get_interview(ended.id) is None


def test_delete_loses_to_whoever_wrote_the_row_meanwhile(ended, monkeypatch):
    def write(interview):
        fresh(ended).change_time(by="somebody", what="extended", seconds=60)

    monkeypatch.setattr(retention, "_delete_files", write)
    with pytest.raises(StaleWriteError):
        retention.delete_interview(ended, by="recruiter")
    assert isinstance(queries.get_interview(ended.id), Interview)


def test_what_ended_long_ago_goes_with_its_files(running):
    actions.submit(running, by="candidate")
    row = run_until_idle(running)
    key = row.history_s3_key
    retention.delete_expired()
    assert default_storage.exists(key)
    row.change(completed_at=now() - timedelta(days=91))
    retention.delete_expired()
    assert queries.get_interview(running.id) is None
    assert not default_storage.exists(key)

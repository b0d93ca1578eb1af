"""Deleting a candidate's data leaves nothing of it, and says what it left and why."""

import re

import pytest
from django.core import serializers
from django.core.files.storage import default_storage

from interviews import queries
from interviews.legacy.models import Takehome
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.search.index import SearchTerm
from operations import actions, retention
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.bulk_import import runner, service
from operations.bulk_import.models import BatchRow
from operations.candidate_data import deletion, selection
from operations.mail.models import Message
from operations.models import Operation
from operations.operation_log import OperationLog
from operations.webhooks.models import Delivery
from tests.conftest import fresh, run_until_idle
from tests.operations.candidate_data.conftest import ADA

pytestmark = pytest.mark.django_db

TABLES = (Interview, Operation, OperationLog, SearchTerm)
MODELS = (Message, BatchRow, Delivery, AuditEntry)


def delete(email=ADA, **options):
    with acting_as(Origin("admin", Channel.COMMAND)):
        return deletion.delete_candidate(selection.find_by_email(email), by="admin", **options)


def everything_stored(files):
    """All rows and files of the platform as one text, in lower case."""
    rows = [str(row.serialize()) for model in TABLES for row in model.scan()]
    rows += [serializers.serialize("json", model._base_manager.all()) for model in MODELS]
    rows += [str(path) for path in (files / "archives").rglob("*")]
    return "\n".join(rows).casefold()


def test_nothing_of_the_candidate_is_left_anywhere(known, other, files):
    before = everything_stored(files)
    assert "ada@example.com" in before
    assert "ada l." in before
    assert re.search(r"'term': {'s': 'ada'}", before)
    archives = [known[1].history_s3_key, known[2].history_s3_key]
    expected = selection.find_by_email(ADA).inventory()
    result = delete()
    assert result.is_complete
    assert result.deleted.in_words() == expected.in_words()
    # Audit entries and messages that a webhook still waits for stay, with the id alone.
    # The name as a word of its own: random ids are hexadecimal and may hold "ada".
    assert not re.search(r"\bada\b", everything_stored(files))
    assert not any(queries.get_interview(interview.id) for interview in known)
    assert not any(default_storage.exists(key) for key in archives)
    assert not selection.find_by_email(ADA).inventory()


def test_everything_of_others_stays(known, other, files):
    stored = selection.find_by_email("eve@example.com").inventory()
    assert (stored.interviews, stored.archives, stored.import_rows) == (1, 1, 2)
    delete()
    assert selection.find_by_email("eve@example.com").inventory() == stored
    assert default_storage.exists(fresh(other).history_s3_key)


def test_running_test_is_left_and_said_so(invite, engine, known):
    running = invite(candidate_email=ADA, candidate_name="Ada L.")
    actions.activate(running, by="candidate")
    running = run_until_idle(running)
    result = delete()
    assert (result.deleted.interviews, result.is_complete) == (3, False)
    assert result.sentences()[1] == (
        "1 interview is still in progress and wasn't deleted."
        " Stop it first, or choose to stop interviews in progress."
    )
    assert fresh(running).state is Status.ACTIVE
    assert selection.find_by_email(ADA).inventory().interviews == 1


def test_running_test_is_ended_without_its_files_by_choice(invite, engine, files):
    running = invite(candidate_email=ADA)
    actions.activate(running, by="candidate")
    running = run_until_idle(running)
    result = delete(end_running=True)
    assert result.sentences() == [
        "Deleted: nothing.",
        "1 interview is being stopped. Delete again in a minute.",
    ]
    ended = run_until_idle(fresh(running))
    assert (ended.state, ended.history_s3_key) == (Status.COMPLETED, None)
    assert delete().is_complete
    assert queries.get_interview(running.id) is None


def test_one_that_fails_does_not_keep_the_others(known, monkeypatch):
    delete_interview = retention.delete_interview

    def fail_once(interview, *, by):
        if interview.id == known[2].id:
            raise OSError("the store is away")
        return delete_interview(interview, by=by)

    with monkeypatch.context() as patch:
        patch.setattr(retention, "delete_interview", fail_once)
        result = delete()
    assert result.sentences()[-1] == "1 interview wasn't deleted because of an error. Try again."
    assert [one.id for one in result.failed] == [known[2].id]
    assert result.deleted.interviews == 2
    assert delete().is_complete


def test_repeated_delete_finds_nothing(known):
    delete()
    assert delete().sentences() == ["Deleted: nothing."]


def test_queued_row_of_a_file_is_not_invited_any_more(known, challenge):
    row = BatchRow.objects.get(number=2)
    BatchRow.objects.filter(pk=row.pk).update(problem="", state="wanted")
    delete()
    runner.run_batch(row.batch_id)
    row.refresh_from_db()
    assert (row.state, row.problem, row.is_good) == ("new", service.ERASED, False)
    assert list(Interview.scan()) == []


def test_audit_trail_says_what_was_deleted_without_the_name(known):
    result = delete()
    entry = AuditEntry.objects.get(what="deleted_candidate")
    assert (entry.actor, entry.interview_id, entry.target) == ("admin", "", "")
    assert entry.detail == result.deleted.in_words()
    deleted = AuditEntry.objects.filter(what="deleted")
    assert {each.interview_id for each in deleted} == {one.id for one in known}


def test_row_of_the_old_table_is_deleted(invite, settings, old_table):
    settings.UNIFIED_TAKEHOMES = False
    invite(candidate_email=ADA)
    assert delete().deleted.old_rows == 1
    assert list(Takehome.scan()) == []
    assert list(Interview.scan()) == []

"""Queued rows are invited once, even if a worker is killed or a table is unavailable."""

from datetime import timedelta

import pytest
import structlog
from pynamodb.exceptions import QueryError

from interviews import queries
from interviews.attributes import TAKE_HOME
from interviews.challenges import library
from interviews.dynamodb import now
from interviews.models import Interview
from operations import actions
from operations.actions import _create
from operations.bulk_import import runner, service
from operations.bulk_import.columns import Defaults
from operations.bulk_import.models import Batch
from operations.mail import outbox
from operations.mail.models import Message
from operations.worker import handler


@pytest.fixture
def batch(db, challenge):
    """Three candidates, all queued."""
    content = (
        b"name,email,challenge\nAda,ada@example.com,word-count\nBob,,word-count\nCleo,,word-count\n"
    )
    batch = service.import_file("candidates.csv", content, Defaults(), by="grace")
    assert service.queue_rows(batch, by="grace") == 3
    return batch


def invited_names():
    return sorted(row.candidate_name for row in queries.list_page(TAKE_HOME).items)


def states(batch):
    return [row.state for row in batch.rows.all()]


def killed(*_args, **_kwargs):
    raise SystemExit


def run_after_lease_expiry(batch):
    """Run the batch after the lease of the killed worker has expired."""
    Batch.objects.update(taken_until=now() - timedelta(seconds=1))
    runner.run_batch(batch.pk)


def test_queued_rows_are_invited_and_refer_to_their_interview(batch, stream):
    runner.run_batch(batch.pk)
    assert invited_names() == ["Ada", "Bob", "Cleo"]
    first = batch.rows.get(number=1)
    interview = queries.get_interview(first.interview_id)
    assert (first.state, interview.candidate_email) == ("done", "ada@example.com")
    assert (interview.created_by, interview.duration_minutes) == ("grace", 60)
    assert {event["batchId"] for event in stream.events_named("batch")} == {batch.pk}


def test_second_run_invites_nobody_again(batch):
    runner.run_batch(batch.pk)
    batch.rows.update(state="wanted")
    runner.run_batch(batch.pk)
    assert invited_names() == ["Ada", "Bob", "Cleo"]
    assert library.get_challenge("word-count").usage_count == 3


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (_create, "index_interview"),
        (Interview, "announce"),
        (library, "record_use"),
        (outbox, "queue_announcement"),
        (runner, "_close"),
    ],
)
def test_batch_continues_without_duplicates_after_a_kill_at_any_step(
    batch, monkeypatch, module, name
):
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(SystemExit):
            runner.run_batch(batch.pk)
    before = {row.id: row.passcode for row in queries.list_page(TAKE_HOME).items}
    run_after_lease_expiry(batch)
    assert invited_names() == ["Ada", "Bob", "Cleo"]
    assert states(batch) == ["done", "done", "done"]
    # A link that was shown already still works.
    after = {row.id: row.passcode for row in queries.list_page(TAKE_HOME).items}
    assert before.items() <= after.items()


def test_batch_of_a_killed_worker_is_free_after_its_lease(batch, enqueued):
    Batch.objects.update(taken_until=now() + runner.BATCH_LEASE)
    enqueued.clear()
    runner.run_unfinished()
    runner.run_batch(batch.pk)
    assert (enqueued, invited_names()) == ([], [])
    Batch.objects.update(taken_until=now() - timedelta(seconds=1))
    runner.run_unfinished()
    assert enqueued == [("operations.invite_rows", str(batch.pk))]


def test_two_workers_with_the_same_row_invite_its_candidate_once(batch, monkeypatch):
    """The second worker comes between the read and the write of the first one."""
    index = _create.index_interview
    row = batch.rows.get(number=1)
    entered = []

    def second_worker(*args):
        if not entered:
            entered.append(True)
            runner.invite_row(batch.rows.get(number=1))
        index(*args)

    monkeypatch.setattr(_create, "index_interview", second_worker)
    runner.invite_row(row)
    assert invited_names() == ["Ada"]
    assert batch.rows.get(number=1).state == "done"
    assert library.get_challenge("word-count").usage_count == 1


def test_unavailable_table_loses_no_row(batch, monkeypatch, enqueued):
    def away(_id):
        raise QueryError

    with monkeypatch.context() as patch:
        patch.setattr(queries, "get_interview", away)
        with pytest.raises(QueryError):
            runner.run_batch(batch.pk)
    assert states(batch) == ["wanted", "wanted", "wanted"]
    runner.run_batch(batch.pk)
    assert states(batch) == ["done", "done", "done"]


def test_row_that_became_invalid_fails_and_the_others_are_invited(batch):
    row = batch.rows.get(number=2)
    row.invitation["challenge"] = "gone"
    row.save()
    runner.run_batch(batch.pk)
    failed = batch.rows.get(number=2)
    assert (failed.state, failed.error, failed.interview_id) == (
        "failed",
        "Challenge: This challenge isn't available. Choose another one.",
        "",
    )
    assert invited_names() == ["Ada", "Cleo"]


def test_unexpected_error_in_a_row_does_not_block_the_others(batch, monkeypatch):
    invite = actions.invite

    def broken_for_ada(invitation, **kwargs):
        if invitation.candidate_name == "Ada":
            raise LookupError(invitation.candidate_email)
        return invite(invitation, **kwargs)

    monkeypatch.setattr(actions, "invite", broken_for_ada)
    with structlog.testing.capture_logs() as lines:
        runner.run_batch(batch.pk)
    assert states(batch) == ["failed", "done", "done"]
    assert batch.rows.get(number=1).error == handler.UNEXPECTED_ERROR
    assert [line["reason"] for line in lines if line["event"] == "row_not_invited"] == [
        "LookupError"
    ]
    # The error's message is not logged, as it may contain a passcode.
    assert "ada@example.com" not in str(lines)


def test_failed_row_can_be_queued_again(batch):
    batch.rows.update(state="failed", error="Challenge: There is no such challenge.")
    assert service.queue_rows(batch, by="grace", numbers=[2]) == 1
    runner.run_batch(batch.pk)
    assert batch.rows.get(number=2).error == ""
    assert invited_names() == ["Bob"]


def test_existing_interview_is_done_although_its_challenge_was_withdrawn(batch, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(runner, "_close", killed)
        with pytest.raises(SystemExit):
            runner.run_batch(batch.pk)

    def none_offered(_id):
        raise actions.InvalidInputError("challenge", "There is no such challenge in the library.")

    monkeypatch.setattr(_create, "get_offered_challenge", none_offered)
    run_after_lease_expiry(batch)
    assert states(batch) == ["done", "failed", "failed"]


def test_task_invites_a_limited_number_of_rows(batch, monkeypatch, enqueued):
    monkeypatch.setattr(runner, "ROWS_PER_TASK", 2)
    enqueued.clear()
    runner.run_batch(batch.pk)
    assert states(batch) == ["done", "done", "wanted"]
    assert enqueued == [("operations.invite_rows", str(batch.pk))]
    runner.run_batch(batch.pk)
    assert states(batch) == ["done", "done", "done"]
    assert len(enqueued) == 1


def test_worker_that_shuts_down_releases_the_batch(batch):
    handler.shutdown_requested.set()
    runner.run_batch(batch.pk)
    assert states(batch) == ["wanted", "wanted", "wanted"]
    assert Batch.objects.get(pk=batch.pk).taken_until is None


def test_each_candidate_gets_one_email(db, challenge, settings):
    settings.MAIL_IS_ON = True
    content = (
        b"name,email,challenge\nAda,ada@example.com,word-count\nBob,bob@example.com,word-count\n"
    )
    defaults = Defaults(send_email=True, time_zone="Europe/Berlin")
    batch = service.import_file("candidates.csv", content, defaults, by="grace")
    service.queue_rows(batch, by="grace")
    runner.run_batch(batch.pk)
    batch.rows.update(state="wanted")
    runner.run_batch(batch.pk)
    sent = Message.objects.filter(kind="invitation").order_by("to")
    assert [(each.to, each.zone) for each in sent] == [
        ("ada@example.com", "Europe/Berlin"),
        ("bob@example.com", "Europe/Berlin"),
    ]


def test_no_passcode_is_in_a_task_a_row_or_an_event(batch, enqueued, stream):
    runner.run_batch(batch.pk)
    rows = str(list(batch.rows.values()))
    for interview in queries.list_page(TAKE_HOME).items:
        for place in (str(enqueued), rows, stream.text):
            assert interview.passcode not in place

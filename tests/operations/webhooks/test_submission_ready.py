"""One message tells of each submission that can be read, even if a process dies in between."""

import json
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import EndReason
from interviews.models import OUTBOX_PENDING, Interview
from interviews.schemas.invitations import InvitationEdit
from operations import actions, retention, tasks
from operations.checks.models import CheckRun
from operations.reviews.models import ReviewCase
from operations.submissions import service
from operations.webhooks import outbox_relay, periodic, submission_ready
from operations.webhooks.models import SUBMISSION_READY, Delivery, DeliveryStatus
from tests.checking import save_checks
from tests.conftest import fresh, run_until_idle
from tests.orphans import end_what_is_due


@pytest.fixture
def webhook(make_webhook):
    """Created before the interviews: it gets no earlier changes."""
    return make_webhook(sends_reviews=True)


@pytest.fixture
def submitted(webhook, running, engine):
    next(iter(engine.running.values()))["notes.txt"] = b"notes\n"
    actions.end(running, by="recruiter", reason=EndReason.SUBMITTED)
    return run_until_idle(running)


def messages(webhook):
    rows = Delivery.objects.filter(webhook=webhook, event=SUBMISSION_READY)
    return list(rows.order_by("moment"))


def test_message_has_the_totals_and_goes_once_the_files_are_listed(webhook, submitted):
    outbox_relay.relay_changes(submitted.id)
    (waiting,) = messages(webhook)
    assert (waiting.state, waiting.next_at) == (DeliveryStatus.PENDING, None)
    tasks.index_submissions(submitted.id)
    (ready,) = messages(webhook)
    assert ready.next_at <= timezone.now()
    told = json.loads(ready.body)
    assert told["event"] == "submission.ready"
    assert told["interview"] == {
        "id": submitted.id,
        "type": "take-home",
        "status": "completed",
        "challenge": "word-count",
    }
    assert told["submission"] == {
        "opening": 0,
        "sitting": 1,
        "archiveBytes": int(submitted.archive_bytes),
        "endedAt": f"{submitted.completed_at:%Y-%m-%dT%H:%M:%SZ}",
        "files": 3,
        "bytes": service.summary_of(submitted).total_bytes,
        "added": 1,
        "changed": 0,
        "deleted": 0,
        "compared": True,
        "problem": None,
    }


def test_message_about_a_damaged_archive_says_nothing_about_changes(webhook, submitted, files):
    (files / submitted.history_s3_key).write_bytes(b"no archive")
    outbox_relay.relay_changes(submitted.id)
    tasks.index_submissions(submitted.id)
    (ready,) = messages(webhook)
    told = json.loads(ready.body)["submission"]
    assert (told["problem"], told["files"]) == ("damaged", 0)
    assert (told["added"], told["changed"], told["deleted"]) == (None, None, None)


def test_files_that_are_listed_first_are_told_of_at_once(webhook, submitted):
    tasks.index_submissions(submitted.id)
    outbox_relay.relay_changes(submitted.id)
    (ready,) = messages(webhook)
    assert ready.next_at <= timezone.now()


def test_each_sitting_has_one_message_however_often_it_is_relayed(webhook, submitted, engine):
    for _ in range(2):
        outbox_relay.relay_changes(submitted.id)
        tasks.index_submissions(submitted.id)
    actions.reopen(submitted, 30, by="recruiter")
    interview = run_until_idle(submitted)
    actions.end(interview, by="recruiter", reason=EndReason.SUBMITTED)
    interview = run_until_idle(interview)
    # As if the process had died before the mark was removed, after the message was sent.
    outbox_relay.relay_changes(interview.id)
    tasks.index_submissions(interview.id)
    interview = fresh(interview)
    interview.change(outbox="1", outbox_done=None)
    outbox_relay.relay_changes(interview.id)
    tasks.index_submissions(interview.id)
    told = [json.loads(each.body)["submission"] for each in messages(webhook)]
    assert [(each["sitting"], each["opening"]) for each in told] == [(1, 0), (2, 1)]


def test_an_expiry_before_a_new_deadline_is_no_second_end(webhook, take_home, engine):
    take_home.change(valid_until=now() - timedelta(minutes=1))
    actions.expire(fresh(take_home))
    expired = fresh(take_home)
    expired.timeline[-1].at -= timedelta(hours=1)
    expired.save()
    outbox_relay.relay_changes(expired.id)
    deadline = InvitationEdit(valid_until=now() + timedelta(days=2))
    actions.edit_invitation(fresh(take_home), deadline, by="recruiter")
    actions.activate(fresh(take_home), by="candidate")
    interview = run_until_idle(take_home)
    next(iter(engine.running.values()))["notes.txt"] = b"notes\n"
    actions.end(interview, by="recruiter", reason=EndReason.SUBMITTED)
    interview = run_until_idle(interview)
    outbox_relay.relay_changes(interview.id)
    (ready,) = messages(webhook)
    assert ready.moment == len(interview.timeline) - 1


def test_only_webhooks_that_ask_for_it_are_told(make_webhook, submitted):
    make_webhook(sends_reviews=True, created_at=timezone.now() + timedelta(seconds=2))
    outbox_relay.relay_changes(submitted.id)
    assert Delivery.objects.filter(event=SUBMISSION_READY).count() == 1


@pytest.mark.parametrize("options", [{}, {"sends_reviews": True, "types": ["regular"]}])
def test_webhooks_of_other_kinds_are_not_told(make_webhook, take_home, engine, options):
    make_webhook(**options)
    interview = take_home
    actions.activate(interview, by="candidate")
    interview = run_until_idle(interview)
    actions.end(interview, by="recruiter", reason=EndReason.SUBMITTED)
    interview = run_until_idle(interview)
    outbox_relay.relay_changes(interview.id)
    assert not Delivery.objects.filter(event=SUBMISSION_READY).exists()


def test_a_test_without_files_has_none(webhook, take_home):
    actions.revoke(take_home, by="recruiter")
    outbox_relay.relay_changes(take_home.id)
    assert messages(webhook) == []
    assert Delivery.objects.filter(webhook=webhook).count() == 2


def test_an_index_that_stays_away_is_asked_for_again_and_given_up_after_a_day(
    webhook, submitted, enqueued
):
    outbox_relay.relay_changes(submitted.id)
    ask = ("operations.index_submissions", submitted.id)
    enqueued.clear()
    periodic.relay_and_dispatch()
    assert ask not in enqueued
    rows = Delivery.objects.filter(event=SUBMISSION_READY)
    rows.update(created_at=timezone.now() - timedelta(minutes=2))
    for _ in range(2):
        periodic.relay_and_dispatch()
    assert enqueued.count(ask) == 1
    default_storage.delete(submitted.history_s3_key)
    tasks.index_submissions(submitted.id)
    assert messages(webhook)[0].next_at is None
    rows.update(created_at=timezone.now() - submission_ready.LONGEST_WAIT)
    periodic.relay_and_dispatch()
    (given_up,) = messages(webhook)
    assert given_up.state == DeliveryStatus.GIVEN_UP
    assert given_up.error == "The submitted files couldn't be listed."


def test_what_waits_goes_with_its_interview(webhook, submitted):
    outbox_relay.relay_changes(submitted.id)
    retention.delete_interview(submitted, by="recruiter")
    assert messages(webhook) == []


@pytest.fixture
def late(webhook, unsaved, swept):
    """A test that ended an hour ago without its files, which the reaper has saved now."""
    unsaved.timeline[-1].at -= timedelta(hours=1)
    unsaved.challenge_version = save_checks().number
    unsaved.save()
    outbox_relay.relay_changes(unsaved.id)
    assert messages(webhook) == []
    swept()
    end_what_is_due()
    return fresh(unsaved)


def test_files_that_the_reaper_saved_are_told_of_once(webhook, late):
    periodic.relay_and_dispatch()
    tasks.index_submissions(late.id)
    (ready,) = messages(webhook)
    assert ready.next_at is not None
    told = json.loads(ready.body)["submission"]
    assert (told["opening"], told["sitting"], told["files"]) == (0, 1, 1)
    assert told["endedAt"] == f"{late.timeline[-1].at:%Y-%m-%dT%H:%M:%SZ}"
    late.change(outbox=OUTBOX_PENDING)
    periodic.relay_and_dispatch()
    assert messages(webhook) == [ready]


def test_files_that_the_reaper_saved_are_checked_and_reviewed(late):
    periodic.relay_and_dispatch()
    assert CheckRun.objects.get().archive_key == late.history_s3_key
    assert ReviewCase.objects.get(pk=late.id).reviewable_at is not None


def test_files_that_are_saved_while_the_end_is_relayed_are_told_of(webhook, late, monkeypatch):
    """The relay has read the row before."""
    before = Interview.get(late.id)
    before.history_s3_key = None
    late.change(problem=None)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "get_interview", lambda interview_id: before)
        outbox_relay.relay_changes(late.id)
    assert messages(webhook) == []
    periodic.relay_and_dispatch()
    assert len(messages(webhook)) == 1


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=2)])
def test_files_that_were_saved_in_time_or_long_ago_are_not_told_of_again(webhook, late, ago):
    saved_at = late.timeline[-1].at if not ago else late.archive_at - ago
    late.timeline[-1].at = min(late.timeline[-1].at, saved_at)
    late.archive_at = saved_at
    late.save()
    periodic.relay_and_dispatch()
    assert messages(webhook) == []

"""Each change of status becomes one message per webhook, even if a process dies in between."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db.utils import OperationalError
from django.utils import timezone
from pynamodb.exceptions import QueryError

from interviews import outbox
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit
from interviews.search import lookup, renames
from interviews.search.index import terms_ttl
from operations import actions, retention
from operations.webhooks import outbox_relay, periodic
from operations.webhooks.models import Delivery, DeliveryStatus
from tests.conftest import fresh, run_until_idle
from tests.operations.webhooks.conftest import make_delivery


@pytest.fixture
def webhook(make_webhook):
    return make_webhook()


@pytest.fixture
def naming(make_webhook):
    """A webhook with names, created before the interview: it gets no earlier changes."""
    return make_webhook(sends_name=True)


def sent_statuses(webhook):
    """Return the statuses in the webhook's messages, in the order of the changes."""
    rows = Delivery.objects.filter(webhook=webhook).order_by("moment")
    return [json.loads(row.body)["interview"]["status"] for row in rows]


def test_each_change_queues_a_message(webhook, running):
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == [
        "available",
        "activated",
        "initializing",
        "configuring",
        "active",
    ]
    assert list(outbox.pending_ids(10)) == []


def test_each_status_is_sent_once(webhook, running):
    periodic.relay_and_dispatch()
    fresh(running).move_to(Status.DESTROYING, by="recruiter", operation_id=None)
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook)[4:] == ["active", "destroying"]


def test_message_contains_the_change_and_no_secret(webhook, running):
    periodic.relay_and_dispatch()
    delivery = Delivery.objects.get(moment=4)
    row = fresh(running)
    assert json.loads(delivery.body) == {
        "id": str(delivery.pk),
        "event": "interview.status_changed",
        "createdAt": delivery.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "interview": {
            "id": row.id,
            "type": "take-home",
            "status": "active",
            "previousStatus": "configuring",
            "changedAt": row.timeline[4].at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sequence": 4,
            "challenge": "word-count",
            "challengeVersion": 1,
            "durationMinutes": 60,
            "createdAt": row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }
    for secret in (row.password, row.access_url, row.passcode, row.candidate_name):
        assert all(secret not in body for body in Delivery.objects.values_list("body", flat=True))


def test_name_is_sent_if_the_webhook_asks_for_it(naming, take_home):
    periodic.relay_and_dispatch()
    assert json.loads(Delivery.objects.get().body)["interview"]["candidateName"] == "Ada"


def test_webhook_gets_only_subscribed_changes(make_webhook, request):
    some = make_webhook(statuses=["active", "completed"])
    other = make_webhook(types=["regular"])
    request.getfixturevalue("running")
    periodic.relay_and_dispatch()
    assert (sent_statuses(some), sent_statuses(other)) == (["active"], [])
    assert list(outbox.pending_ids(10)) == []


def test_dry_runs_need_a_subscription(make_webhook, tables):
    usual = make_webhook()
    every = make_webhook(types=["take-home", "regular", "dry-run"])
    Interview(
        id="dry-1",
        type="dry-run",
        status="activated",
        candidate_name="recruiter",
        challenge="word-count",
        duration_minutes=30,
        created_at=now(),
    ).create(by="recruiter")
    periodic.relay_and_dispatch()
    assert (sent_statuses(usual), sent_statuses(every)) == ([], ["activated"])


def test_webhook_gets_no_changes_from_before_it_existed(make_webhook, take_home):
    """Rows from before the webhook existed have unsent changes, too."""
    webhook = make_webhook(created_at=timezone.now() + timedelta(hours=1))
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == []


def test_disabled_webhook_gets_no_changes(make_webhook, take_home):
    webhook = make_webhook(is_active=False)
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == []
    assert list(outbox.pending_ids(10)) == []


def test_without_webhooks_the_outbox_is_emptied(db, take_home):
    periodic.relay_and_dispatch()
    assert list(outbox.pending_ids(10)) == []


def test_process_that_dies_before_clearing_the_mark_repeats_no_message(
    webhook, take_home, monkeypatch
):
    def dies(interview):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_relayed", dies)
        with pytest.raises(SystemExit):
            periodic.relay_and_dispatch()
    before = set(Delivery.objects.values_list("pk", "body"))
    periodic.relay_and_dispatch()
    assert set(Delivery.objects.values_list("pk", "body")) == before
    assert (sent_statuses(webhook), list(outbox.pending_ids(10))) == (["available"], [])


def test_process_that_dies_before_writing_loses_no_message(webhook, take_home, monkeypatch):
    def dies(*_, **__):
        raise OperationalError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Delivery.objects, "bulk_create", dies)
        periodic.relay_and_dispatch()
    assert list(outbox.pending_ids(10)) == [take_home.id]
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == ["available"]


def test_change_during_the_relay_is_sent_by_the_next_run(webhook, take_home, monkeypatch):
    passed_on = outbox.mark_relayed

    def late(interview):
        fresh(interview).move_to(Status.EXPIRED, by="schedule")
        passed_on(interview)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_relayed", late)
        periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == ["available"]
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == ["available", "expired"]


def test_failing_interview_does_not_block_others(webhook, invite, monkeypatch):
    bad, good = invite(), invite()
    relay = outbox_relay.relay_changes
    monkeypatch.setattr(
        outbox_relay, "relay_changes", lambda id_: 1 / 0 if id_ == bad.id else relay(id_)
    )
    periodic.relay_and_dispatch()
    assert list(Delivery.objects.values_list("interview_id", flat=True)) == [good.id]


def test_unavailable_tables_do_not_block_queued_messages(webhook, enqueued, monkeypatch):
    def away(limit):
        raise QueryError("no answer")

    delivery = make_delivery(webhook)
    monkeypatch.setattr(outbox, "pending_ids", away)
    periodic.relay_and_dispatch()
    assert enqueued == [("operations.deliver", str(delivery.pk))]


def test_relay_publishes_an_event(webhook, take_home, stream):
    periodic.relay_and_dispatch()
    assert stream.events_named("webhook") == [{"webhookId": webhook.pk}]


def test_deleted_interview_keeps_only_unfinished_messages_without_name(naming, running):
    webhook = naming
    periodic.relay_and_dispatch()
    sent = Delivery.objects.filter(moment__lt=3)
    sent.update(state=DeliveryStatus.DELIVERED)
    fresh(running).move_to(Status.DESTROYING, by="recruiter")
    outbox_relay.redact_deliveries(running.id)
    assert sent_statuses(webhook) == ["configuring", "active", "destroying"]
    assert "Ada" not in "".join(Delivery.objects.values_list("body", flat=True))
    assert list(outbox.pending_ids(10)) == []


def test_final_status_is_sent(webhook, running, engine):
    from interviews.lifecycle import EndReason
    from operations import actions

    actions.end(fresh(running), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(running)
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook)[-2:] == ["destroying", "completed"]


def test_edits_and_moves_are_events_of_their_own_if_the_webhook_asks(make_webhook, schedule):
    asks, other = make_webhook(sends_edits=True, statuses=["completed"]), make_webhook()
    interview = schedule()
    actions.edit_invitation(interview, InvitationEdit(candidate_name="Grace"), by="recruiter")
    at = interview.scheduled_at + timedelta(hours=1)
    actions.reschedule(interview, at=at, minutes=30, by="recruiter")
    actions.extend(interview, 15, by="recruiter")
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    edited, moved = (
        json.loads(row.body) for row in Delivery.objects.filter(webhook=asks).order_by("moment")
    )
    assert [edited["event"], moved["event"]] == ["interview.edited", "interview.rescheduled"]
    assert [each["interview"]["sequence"] for each in (edited, moved)] == [1, 2]
    assert edited["interview"]["changed"] == ["candidateName"]
    assert "Grace" not in json.dumps(edited)
    about = moved["interview"]
    assert about["changed"] == ["durationMinutes", "scheduledAt"]
    assert (about["status"], about["previousStatus"]) == ("scheduled", "scheduled")
    assert about["scheduledAt"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"
    assert (about["timeZone"], about["durationMinutes"]) == ("UTC", 30)
    assert sent_statuses(other) == ["scheduled"]


def test_renewed_invitation_is_a_status_change(make_webhook, take_home):
    webhook = make_webhook(sends_edits=True)
    with time_machine.travel(take_home.valid_until, tick=False):
        actions.expire(fresh(take_home))
        until = take_home.valid_until + timedelta(days=3)
        actions.edit_invitation(fresh(take_home), InvitationEdit(valid_until=until), by="recruiter")
    periodic.relay_and_dispatch()
    assert sent_statuses(webhook) == ["available", "expired", "available"]
    events = Delivery.objects.filter(webhook=webhook).values_list("event", flat=True)
    assert set(events) == {"interview.status_changed"}


@pytest.fixture
def renamed(db, take_home, monkeypatch):
    """The process that edited it died right after its write, before it told the search."""
    edit = InvitationEdit(candidate_name="Augusta")
    with monkeypatch.context() as patch:
        patch.setattr(renames, "settle_words", lambda interview: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.edit_invitation(take_home, edit, by="recruiter")
    assert found_by("ada") == found_by("augusta") == [take_home.id]
    return fresh(take_home)


def found_by(text):
    return [each.id for each in lookup.search_page(text, lookup.Filters()).items]


def test_name_that_the_search_was_not_told_of_is_settled(renamed):
    periodic.relay_and_dispatch()
    assert (found_by("ada"), found_by("augusta")) == ([], [renamed.id])


def test_deleted_interview_gets_no_words_again(renamed):
    actions.revoke(renamed, by="recruiter")
    retention.delete_interview(fresh(renamed), by="recruiter")
    assert terms_ttl(renamed) is None

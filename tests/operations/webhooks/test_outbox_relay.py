"""From a change of status to one message per webhook, whatever dies in between."""

import json
from datetime import timedelta

import pytest
from django.db.utils import OperationalError
from django.utils import timezone
from pynamodb.exceptions import QueryError

from interviews import outbox
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations.webhooks import outbox_relay, periodic
from operations.webhooks.models import Delivery, DeliveryStatus
from tests.conftest import fresh, run_until_idle
from tests.operations.webhooks.conftest import message


@pytest.fixture
def webhook(make_webhook):
    return make_webhook()


@pytest.fixture
def naming(make_webhook):
    """Made before what it is told of: what was before it is not its business."""
    return make_webhook(sends_name=True)


def told(webhook):
    """The statuses that it is told of, in the order of the changes."""
    rows = Delivery.objects.filter(webhook=webhook).order_by("moment")
    return [json.loads(row.body)["interview"]["status"] for row in rows]


def test_tick_queues_a_message_for_each_change(webhook, running):
    periodic.relay_and_dispatch()
    assert told(webhook) == ["available", "activated", "initializing", "configuring", "active"]
    assert list(outbox.pending_ids(10)) == []


def test_whole_life_is_told_once_each(webhook, running):
    periodic.relay_and_dispatch()
    fresh(running).move_to(Status.DESTROYING, by="recruiter", operation_id=None)
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert told(webhook)[4:] == ["active", "destroying"]


def test_message_says_what_changed_and_no_secret(webhook, running):
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


def test_name_is_told_where_the_webhook_wants_it(naming, take_home):
    periodic.relay_and_dispatch()
    assert json.loads(Delivery.objects.get().body)["interview"]["candidateName"] == "Ada"


def test_webhook_is_told_of_what_it_asked_for(make_webhook, request):
    some = make_webhook(statuses=["active", "completed"])
    other = make_webhook(types=["regular"])
    request.getfixturevalue("running")
    periodic.relay_and_dispatch()
    assert (told(some), told(other)) == (["active"], [])
    assert list(outbox.pending_ids(10)) == []


def test_dry_runs_are_told_only_where_they_are_asked_for(make_webhook, tables):
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
    assert (told(usual), told(every)) == ([], ["activated"])


def test_webhook_is_not_told_of_what_was_before_it(make_webhook, take_home):
    """As the rows of before there were webhooks: nothing of them was passed on."""
    webhook = make_webhook(created_at=timezone.now() + timedelta(hours=1))
    periodic.relay_and_dispatch()
    assert told(webhook) == []


def test_webhook_that_is_switched_off_is_told_nothing(make_webhook, take_home):
    webhook = make_webhook(is_active=False)
    periodic.relay_and_dispatch()
    assert told(webhook) == []
    assert list(outbox.pending_ids(10)) == []


def test_without_webhooks_nothing_waits(db, take_home):
    periodic.relay_and_dispatch()
    assert list(outbox.pending_ids(10)) == []


def test_process_that_dies_before_the_mark_is_off_repeats_no_message(
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
    assert (told(webhook), list(outbox.pending_ids(10))) == (["available"], [])


def test_process_that_dies_before_the_message_is_written_loses_none(
    webhook, take_home, monkeypatch
):
    def dies(*_, **__):
        raise OperationalError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Delivery.objects, "bulk_create", dies)
        periodic.relay_and_dispatch()
    assert list(outbox.pending_ids(10)) == [take_home.id]
    periodic.relay_and_dispatch()
    assert told(webhook) == ["available"]


def test_change_between_the_reading_and_the_mark_is_told_by_the_next_tick(
    webhook, take_home, monkeypatch
):
    passed_on = outbox.mark_relayed

    def late(interview):
        fresh(interview).move_to(Status.EXPIRED, by="schedule")
        passed_on(interview)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_relayed", late)
        periodic.relay_and_dispatch()
    assert told(webhook) == ["available"]
    periodic.relay_and_dispatch()
    assert told(webhook) == ["available", "expired"]


def test_one_interview_that_fails_keeps_no_other_waiting(webhook, invite, monkeypatch):
    bad, good = invite(), invite()
    turn = outbox_relay.relay
    monkeypatch.setattr(outbox_relay, "relay", lambda id_: 1 / 0 if id_ == bad.id else turn(id_))
    periodic.relay_and_dispatch()
    assert list(Delivery.objects.values_list("interview_id", flat=True)) == [good.id]


def test_tables_that_are_away_keep_no_message_waiting(webhook, enqueued, monkeypatch):
    def away(limit):
        raise QueryError("no answer")

    delivery = message(webhook)
    monkeypatch.setattr(outbox, "pending_ids", away)
    periodic.relay_and_dispatch()
    assert enqueued == [("operations.deliver", str(delivery.pk))]


def test_browsers_of_staff_hear_of_it(webhook, take_home, stream):
    periodic.relay_and_dispatch()
    assert stream.said("webhook") == [{"webhookId": webhook.pk}]


def test_deleted_interview_takes_what_was_sent_along_and_leaves_what_waits(naming, running):
    webhook = naming
    periodic.relay_and_dispatch()
    sent = Delivery.objects.filter(moment__lt=3)
    sent.update(state=DeliveryStatus.DELIVERED)
    fresh(running).move_to(Status.DESTROYING, by="recruiter")
    outbox_relay.delete_change(running.id)
    assert told(webhook) == ["configuring", "active", "destroying"]
    assert "Ada" not in "".join(Delivery.objects.values_list("body", flat=True))
    assert list(outbox.pending_ids(10)) == []


def test_run_until_its_end_is_told_to_the_end(webhook, running, engine):
    from interviews.lifecycle import EndReason
    from operations import actions

    actions.end(fresh(running), by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(running)
    periodic.relay_and_dispatch()
    assert told(webhook)[-2:] == ["destroying", "completed"]

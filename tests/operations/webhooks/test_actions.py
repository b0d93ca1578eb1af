"""What a person can ask for of webhooks."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from pydantic import ValidationError

from interviews.lifecycle import Status
from operations.exceptions import InvalidInputError, WrongStateError
from operations.webhooks import actions, address_check, periodic
from operations.webhooks.models import (
    STATUS_CHANGED,
    TEST,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from operations.webhooks.schemas import WebhookInput
from tests.operations.webhooks.conftest import message
from tests.receiver import LOOPBACK


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """What names lead to; a test may change it."""
    known = {
        "hooks.example.com": ["93.184.216.34"],
        "inside.example.com": ["10.0.0.5"],
        LOOPBACK: [LOOPBACK],
    }
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: known.get(host, []))
    return known


def wanted(**fields):
    return WebhookInput(**{"name": "ATS", "url": "https://hooks.example.com/in", **fields})


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_new_webhook_is_told_of_tests_and_interviews_in_every_status(db, stream):
    webhook = actions.create(wanted(), by="recruiter")
    row = fresh(webhook)
    assert (row.types, row.statuses, row.sends_name) == (["take-home", "regular"], [], False)
    assert (row.is_active, row.created_by) == (True, "recruiter")
    assert all(row.is_subscribed_to(type_, status) for type_ in row.types for status in Status)
    assert row.secret.startswith("whsec_")
    assert stream.said("webhook") == [{"webhookId": row.pk}]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://inside.example.com/", "inside.example.com leads to 10.0.0.5"),
        ("https://nowhere.example.com/", "No address is known for nowhere.example.com."),
        ("http://hooks.example.com/", "The address must start with https://"),
        ("https://a:b@hooks.example.com/", "The address must not hold a user name"),
    ],
)
def test_address_that_may_not_be_sent_to_is_not_saved(make_webhook, url, reason):
    webhook = make_webhook()
    for attempt in (
        lambda: actions.create(wanted(url=url), by="recruiter"),
        lambda: actions.change(webhook, wanted(url=url), by="recruiter"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            attempt()
        assert refused.value.field == "url"
        assert refused.value.message.startswith(reason)
    assert list(Webhook.objects.values_list("url", flat=True)) == ["https://hooks.example.com/in"]


def test_there_are_not_more_webhooks_than_workers_can_bear(make_webhook, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    make_webhook()
    with pytest.raises(WrongStateError, match="There are 1 webhooks already"):
        actions.create(wanted(), by="recruiter")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "ATS\nBcc: everybody@example.com"}, "name"),
        ({"url": ""}, "url"),
        ({"types": []}, "types"),
        ({"types": ["take-home", "holiday"]}, "types"),
        ({"statuses": ["gone"]}, "statuses"),
        ({"sends_name": "perhaps"}, "sends_name"),
    ],
)
def test_rules_name_the_field_that_is_wrong(fields, field):
    with pytest.raises(ValidationError) as errors:
        wanted(**fields)
    assert errors.value.errors()[0]["loc"][0] == field


def test_statuses_and_types_are_kept_once_and_in_order():
    chosen = wanted(types=["regular", "take-home"], statuses=["completed", "active", "active"])
    assert chosen.types == ["take-home", "regular"]
    assert chosen.statuses == ["active", "completed"]


def test_change_keeps_secret_and_what_waits(make_webhook):
    webhook = make_webhook()
    delivery = message(webhook)
    actions.change(webhook, wanted(name="HR", statuses=["active"]), by="recruiter")
    row = fresh(webhook)
    assert (row.name, row.statuses, row.secret) == ("HR", ["active"], webhook.secret)
    assert fresh(delivery).body == delivery.body


def test_change_of_the_name_alone_looks_nothing_up(make_webhook, names):
    """A receiver whose name is unknown for the moment can still be renamed."""
    webhook = make_webhook()
    names.clear()
    actions.change(webhook, wanted(name="HR"), by="recruiter")
    assert fresh(webhook).name == "HR"


def test_new_secret_leaves_the_old_one_a_day(make_webhook):
    webhook = make_webhook()
    old = webhook.secret
    new = actions.roll_secret(webhook, by="recruiter")
    row = fresh(webhook)
    assert row.secrets == [new, old]
    assert timedelta(hours=23) < row.old_secret_until - timezone.now() <= timedelta(hours=24)
    row.old_secret_until = timezone.now()
    assert row.secrets == [new]


def test_of_two_new_secrets_at_once_one_is_told_so(make_webhook):
    """Whoever is shown a secret has the one that messages are signed with."""
    webhook = make_webhook()
    mine, theirs = fresh(webhook), fresh(webhook)
    shown = actions.roll_secret(mine, by="recruiter")
    with pytest.raises(WrongStateError):
        actions.roll_secret(theirs, by="ada")
    assert fresh(webhook).secrets == [shown, webhook.secret]


def test_webhook_that_is_deleted_in_this_moment_is_not_made_again(make_webhook):
    webhook = make_webhook()
    mine = fresh(webhook)
    actions.delete(webhook, by="ada")
    actions.change(mine, wanted(name="HR"), by="recruiter")
    with pytest.raises(WrongStateError):
        actions.roll_secret(mine, by="recruiter")
    assert not Webhook.objects.exists()


def test_webhook_that_is_switched_on_again_sends_what_waited(make_webhook, enqueued):
    webhook = make_webhook(failures=9, failing_since=timezone.now())
    delivery = message(webhook)
    actions.switch_off(webhook, by="recruiter")
    row = fresh(webhook)
    assert (row.is_active, row.disabled_because) == (False, "Switched off by recruiter.")
    assert enqueued == []
    actions.switch_on(row, by="recruiter")
    row = fresh(webhook)
    assert (row.is_active, row.disabled_because, row.disabled_at) == (True, "", None)
    assert (row.failures, row.failing_since) == (0, None)
    assert enqueued == [("operations.deliver", str(delivery.pk))]


def test_switching_off_twice_keeps_the_first_reason(make_webhook):
    webhook = make_webhook(is_active=False, disabled_because="It answered 410 Gone.")
    actions.switch_off(webhook, by="recruiter")
    assert fresh(webhook).disabled_because == "It answered 410 Gone."


def test_deleted_webhook_takes_its_messages_along(make_webhook, stream):
    webhook, other = make_webhook(), make_webhook()
    message(webhook)
    kept = message(other)
    webhook_id = webhook.pk
    actions.delete(webhook, by="recruiter")
    assert list(Delivery.objects.all()) == [kept]
    assert stream.said("webhook") == [{"webhookId": webhook_id}]


def test_test_is_queued_and_rung_for(make_webhook, enqueued):
    webhook = make_webhook()
    delivery = actions.send_test(webhook, by="recruiter")
    body = json.loads(fresh(delivery).body)
    assert body.pop("createdAt")
    assert body == {
        "id": str(delivery.pk),
        "event": "webhook.test",
        "webhook": {"id": webhook.pk, "name": "ATS"},
    }
    assert enqueued == [("operations.deliver", str(delivery.pk))]


@pytest.mark.parametrize("state", list(DeliveryStatus))
def test_message_is_sent_again_from_the_beginning(webhook, receiver, enqueued, state):
    delivery = message(webhook, state=state, attempts=7, next_at=None, error="It answered 500.")
    actions.resend(delivery, by="recruiter")
    assert enqueued == [("operations.deliver", str(delivery.pk))]
    periodic.deliver_and_dispatch_next(str(delivery.pk))
    row = fresh(delivery)
    assert (row.state, row.attempts, row.error) == ("delivered", 1, "")
    assert receiver.received[0].body == delivery.body.encode()


def test_message_that_is_being_sent_is_not_sent_again(make_webhook):
    delivery = message(make_webhook(), lease_until=timezone.now() + timedelta(seconds=20))
    with pytest.raises(WrongStateError, match="It is being sent"):
        actions.resend(delivery, by="recruiter")


def test_all_that_was_given_up_is_sent_again(make_webhook):
    webhook = make_webhook()
    lost = [message(webhook, state=DeliveryStatus.GIVEN_UP, event=STATUS_CHANGED) for _ in range(2)]
    message(webhook, state=DeliveryStatus.GIVEN_UP, event=TEST, interview_id=None)
    message(webhook, state=DeliveryStatus.DELIVERED)
    message(make_webhook(), state=DeliveryStatus.GIVEN_UP)
    assert actions.resend_given_up(webhook, by="recruiter") == 2
    assert set(Delivery.objects.filter(state=DeliveryStatus.PENDING)) == set(lost)


@pytest.mark.parametrize("what", ["test", "resend", "resend_given_up"])
def test_nothing_is_sent_while_it_is_switched_off(make_webhook, what):
    webhook = make_webhook(is_active=False)
    delivery = message(webhook)
    ask = {
        "test": lambda: actions.send_test(webhook, by="recruiter"),
        "resend": lambda: actions.resend(delivery, by="recruiter"),
        "resend_given_up": lambda: actions.resend_given_up(webhook, by="recruiter"),
    }[what]
    with pytest.raises(WrongStateError, match="switch it on first"):
        ask()
    assert Delivery.objects.count() == 1

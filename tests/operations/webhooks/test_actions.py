"""The actions on webhooks and their deliveries."""

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
from tests.operations.webhooks.conftest import make_delivery
from tests.receiver import LOOPBACK


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """The addresses of host names; a test may change them."""
    known = {
        "hooks.example.com": ["93.184.216.34"],
        "inside.example.com": ["10.0.0.5"],
        LOOPBACK: [LOOPBACK],
    }
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: known.get(host, []))
    return known


def webhook_input(**fields):
    return WebhookInput(**{"name": "ATS", "url": "https://hooks.example.com/in", **fields})


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_new_webhook_is_subscribed_to_tests_and_interviews_in_every_status(db, stream):
    webhook = actions.create(webhook_input(), by="recruiter")
    row = fresh(webhook)
    assert (row.types, row.statuses, row.sends_name) == (["take-home", "regular"], [], False)
    assert (row.is_active, row.created_by) == (True, "recruiter")
    assert all(row.is_subscribed_to(type_, status) for type_ in row.types for status in Status)
    assert row.secret.startswith("whsec_")
    assert stream.events_named("webhook") == [{"webhookId": row.pk}]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://inside.example.com/", "inside.example.com leads to 10.0.0.5"),
        (
            "https://nowhere.example.com/",
            "We couldn't find nowhere.example.com. Check the address.",
        ),
        ("http://hooks.example.com/", "The address must start with https://"),
        ("https://a:b@hooks.example.com/", "The address can't contain a username"),
    ],
)
def test_forbidden_address_is_not_saved(make_webhook, url, reason):
    webhook = make_webhook()
    for attempt in (
        lambda: actions.create(webhook_input(url=url), by="recruiter"),
        lambda: actions.change(webhook, webhook_input(url=url), by="recruiter"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            attempt()
        assert refused.value.field == "url"
        assert refused.value.message.startswith(reason)
    assert list(Webhook.objects.values_list("url", flat=True)) == ["https://hooks.example.com/in"]


def test_number_of_webhooks_is_limited(make_webhook, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    make_webhook()
    with pytest.raises(WrongStateError, match="The limit is 1 webhooks"):
        actions.create(webhook_input(), by="recruiter")


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
def test_validation_error_names_the_field(fields, field):
    with pytest.raises(ValidationError) as errors:
        webhook_input(**fields)
    assert errors.value.errors()[0]["loc"][0] == field


def test_statuses_and_types_are_deduplicated_and_sorted():
    chosen = webhook_input(
        types=["regular", "take-home"], statuses=["completed", "active", "active"]
    )
    assert chosen.types == ["take-home", "regular"]
    assert chosen.statuses == ["active", "completed"]


def test_change_keeps_the_secret_and_queued_messages(make_webhook):
    webhook = make_webhook()
    delivery = make_delivery(webhook)
    actions.change(webhook, webhook_input(name="HR", statuses=["active"]), by="recruiter")
    row = fresh(webhook)
    assert (row.name, row.statuses, row.secret) == ("HR", ["active"], webhook.secret)
    assert fresh(delivery).body == delivery.body


def test_change_of_the_name_resolves_no_host(make_webhook, names):
    """A webhook whose host cannot be resolved at the moment can still be renamed."""
    webhook = make_webhook()
    names.clear()
    actions.change(webhook, webhook_input(name="HR"), by="recruiter")
    assert fresh(webhook).name == "HR"


def test_old_secret_stays_valid_for_a_day(make_webhook):
    webhook = make_webhook()
    old = webhook.secret
    new = actions.roll_secret(webhook, by="recruiter")
    row = fresh(webhook)
    assert row.secrets == [new, old]
    assert timedelta(hours=23) < row.old_secret_until - timezone.now() <= timedelta(hours=24)
    row.old_secret_until = timezone.now()
    assert row.secrets == [new]


def test_concurrent_secret_roll_is_refused(make_webhook):
    """A secret that is shown is always the one that signs messages."""
    webhook = make_webhook()
    mine, theirs = fresh(webhook), fresh(webhook)
    shown = actions.roll_secret(mine, by="recruiter")
    with pytest.raises(WrongStateError):
        actions.roll_secret(theirs, by="ada")
    assert fresh(webhook).secrets == [shown, webhook.secret]


def test_change_of_a_deleted_webhook_does_not_recreate_it(make_webhook):
    webhook = make_webhook()
    mine = fresh(webhook)
    actions.delete(webhook, by="ada")
    actions.change(mine, webhook_input(name="HR"), by="recruiter")
    with pytest.raises(WrongStateError):
        actions.roll_secret(mine, by="recruiter")
    assert not Webhook.objects.exists()


def test_switching_on_sends_queued_messages(make_webhook, enqueued):
    webhook = make_webhook(failures=9, failing_since=timezone.now())
    delivery = make_delivery(webhook)
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


def test_deleting_a_webhook_deletes_its_messages(make_webhook, stream):
    webhook, other = make_webhook(), make_webhook()
    make_delivery(webhook)
    kept = make_delivery(other)
    webhook_id = webhook.pk
    actions.delete(webhook, by="recruiter")
    assert list(Delivery.objects.all()) == [kept]
    assert stream.events_named("webhook") == [{"webhookId": webhook_id}]


def test_test_message_is_queued_and_dispatched(make_webhook, enqueued):
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
def test_resend_starts_with_the_first_attempt(webhook, receiver, enqueued, state):
    delivery = make_delivery(
        webhook, state=state, attempts=7, next_at=None, error="It answered 500."
    )
    actions.resend(delivery, by="recruiter")
    assert enqueued == [("operations.deliver", str(delivery.pk))]
    periodic.deliver_and_dispatch_next(str(delivery.pk))
    row = fresh(delivery)
    assert (row.state, row.attempts, row.error) == ("delivered", 1, "")
    assert receiver.received[0].body == delivery.body.encode()


def test_resend_of_a_message_being_sent_is_refused(make_webhook):
    delivery = make_delivery(make_webhook(), lease_until=timezone.now() + timedelta(seconds=20))
    with pytest.raises(WrongStateError, match="is being sent right now"):
        actions.resend(delivery, by="recruiter")


def test_resend_given_up_requeues_all_of_the_webhook(make_webhook):
    webhook = make_webhook()
    lost = [
        make_delivery(webhook, state=DeliveryStatus.GIVEN_UP, event=STATUS_CHANGED)
        for _ in range(2)
    ]
    make_delivery(webhook, state=DeliveryStatus.GIVEN_UP, event=TEST, interview_id=None)
    make_delivery(webhook, state=DeliveryStatus.DELIVERED)
    make_delivery(make_webhook(), state=DeliveryStatus.GIVEN_UP)
    assert actions.resend_given_up(webhook, by="recruiter") == 2
    assert set(Delivery.objects.filter(state=DeliveryStatus.PENDING)) == set(lost)


@pytest.mark.parametrize("what", ["test", "resend", "resend_given_up"])
def test_sending_with_a_disabled_webhook_is_refused(make_webhook, what):
    webhook = make_webhook(is_active=False)
    delivery = make_delivery(webhook)
    ask = {
        "test": lambda: actions.send_test(webhook, by="recruiter"),
        "resend": lambda: actions.resend(delivery, by="recruiter"),
        "resend_given_up": lambda: actions.resend_given_up(webhook, by="recruiter"),
    }[what]
    with pytest.raises(WrongStateError, match="Switch it on first"):
        ask()
    assert Delivery.objects.count() == 1

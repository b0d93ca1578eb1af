"""The queue of deliveries: which are dispatched, how many at once, and when they are deleted."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from operations.webhooks import periodic
from operations.webhooks.models import Delivery, DeliveryStatus
from tests.operations.webhooks.conftest import make_delivery

START = "2026-03-30T12:00:00Z"


@pytest.fixture(autouse=True)
def clock(tables):
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def webhook(make_webhook):
    return make_webhook()


def dispatched(enqueued):
    """Return the ids of the dispatched deliveries, and clear the queue."""
    ids = [delivery_id for _, delivery_id in enqueued]
    enqueued.clear()
    return ids


def ids(*deliveries):
    return [str(delivery.pk) for delivery in deliveries]


def test_due_message_is_dispatched_once(webhook, enqueued):
    delivery = make_delivery(webhook)
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == ids(delivery)


def test_lost_dispatch_is_repeated(webhook, enqueued, clock):
    delivery = make_delivery(webhook)
    periodic.relay_and_dispatch()
    clock.shift(periodic.DISPATCH_AGAIN_AFTER)
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == ids(delivery, delivery)


def test_message_is_not_dispatched_before_it_is_due(webhook, enqueued, clock):
    delivery = make_delivery(
        webhook, state=DeliveryStatus.FAILED, next_at=timezone.now() + timedelta(minutes=2)
    )
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == []
    clock.shift(timedelta(minutes=2))
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == ids(delivery)


@pytest.mark.parametrize("state", [DeliveryStatus.DELIVERED, DeliveryStatus.GIVEN_UP])
def test_finished_message_is_not_dispatched(webhook, enqueued, state):
    make_delivery(webhook, state=state)
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == []


def test_messages_of_a_disabled_webhook_wait(make_webhook, enqueued):
    make_delivery(make_webhook(is_active=False))
    periodic.relay_and_dispatch()
    assert dispatched(enqueued) == []


def test_concurrent_messages_per_webhook_are_limited(make_webhook, enqueued):
    healthy, sick = make_webhook(), make_webhook(failures=1)
    for webhook in (healthy, sick):
        for _ in range(10):
            make_delivery(webhook)
    periodic.relay_and_dispatch()
    rows = Delivery.objects.filter(pk__in=dispatched(enqueued))
    assert rows.filter(webhook=healthy).count() == 4
    assert rows.filter(webhook=sick).count() == 1


def test_longest_due_goes_first(webhook, enqueued):
    late = make_delivery(webhook, next_at=timezone.now() - timedelta(minutes=1))
    others = [make_delivery(webhook) for _ in range(3)]
    latest = make_delivery(webhook, next_at=timezone.now() - timedelta(hours=1))
    periodic.relay_and_dispatch()
    assert dispatched(enqueued)[:2] == ids(latest, late)
    assert len(others) == 3


def test_finished_worker_dispatches_the_next_message(webhook, receiver, enqueued):
    webhook.url = receiver.url
    webhook.save()
    deliveries = [make_delivery(webhook) for _ in range(6)]
    periodic.relay_and_dispatch()
    (first, *_) = dispatched(enqueued)
    periodic.deliver_and_dispatch_next(first)
    assert len(dispatched(enqueued)) == 1
    assert len(deliveries) == 6


def test_log_keeps_thirty_days(webhook, clock):
    old = [make_delivery(webhook) for _ in range(3)]
    clock.shift(periodic.LOG_RETENTION + timedelta(seconds=1))
    new = make_delivery(webhook)
    periodic.delete_old_deliveries()
    assert list(Delivery.objects.all()) == [new]
    assert len(old) == 3


def test_long_log_is_deleted_in_batches(webhook, clock, monkeypatch):
    monkeypatch.setattr(periodic, "DELETE_BATCH", 2)
    for _ in range(5):
        make_delivery(webhook)
    clock.shift(periodic.LOG_RETENTION + timedelta(seconds=1))
    periodic.delete_old_deliveries()
    assert Delivery.objects.count() == 0


def test_workers_know_the_tasks():
    from operations import tasks
    from takehome_platform.celery import app

    assert {tasks.deliver.name, tasks.tell_webhooks.name, tasks.clean_webhooks.name} == {
        "operations.deliver",
        "operations.tell_webhooks",
        "operations.clean_webhooks",
    }
    timers = {timer["task"] for timer in app.conf.beat_schedule.values()}
    assert {"operations.tell_webhooks", "operations.clean_webhooks"} <= timers

"""The queue of messages: who is rung for, how many at once, and what is removed."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from operations.webhooks import periodic
from operations.webhooks.models import Delivery, DeliveryStatus
from tests.operations.webhooks.conftest import message

START = "2026-03-30T12:00:00Z"


@pytest.fixture(autouse=True)
def clock(tables):
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def webhook(make_webhook):
    return make_webhook()


def rung(enqueued):
    """Whose turn it is, and no longer than it was rung for."""
    ids = [delivery_id for _, delivery_id in enqueued]
    enqueued.clear()
    return ids


def ids(*deliveries):
    return [str(delivery.pk) for delivery in deliveries]


def test_due_message_is_rung_for_once(webhook, enqueued):
    delivery = message(webhook)
    periodic.relay_and_dispatch()
    periodic.relay_and_dispatch()
    assert rung(enqueued) == ids(delivery)


def test_ring_that_nobody_heard_is_repeated(webhook, enqueued, clock):
    delivery = message(webhook)
    periodic.relay_and_dispatch()
    clock.shift(periodic.DISPATCH_AGAIN_AFTER)
    periodic.relay_and_dispatch()
    assert rung(enqueued) == ids(delivery, delivery)


def test_message_is_not_rung_for_before_its_time(webhook, enqueued, clock):
    delivery = message(
        webhook, state=DeliveryStatus.FAILED, next_at=timezone.now() + timedelta(minutes=2)
    )
    periodic.relay_and_dispatch()
    assert rung(enqueued) == []
    clock.shift(timedelta(minutes=2))
    periodic.relay_and_dispatch()
    assert rung(enqueued) == ids(delivery)


@pytest.mark.parametrize("state", [DeliveryStatus.DELIVERED, DeliveryStatus.GIVEN_UP])
def test_message_that_is_over_is_not_rung_for(webhook, enqueued, state):
    message(webhook, state=state)
    periodic.relay_and_dispatch()
    assert rung(enqueued) == []


def test_messages_of_a_webhook_that_is_switched_off_wait(make_webhook, enqueued):
    message(make_webhook(is_active=False))
    periodic.relay_and_dispatch()
    assert rung(enqueued) == []


def test_webhook_gets_a_few_workers_and_a_failing_one_gets_one(make_webhook, enqueued):
    healthy, sick = make_webhook(), make_webhook(failures=1)
    for webhook in (healthy, sick):
        for _ in range(10):
            message(webhook)
    periodic.relay_and_dispatch()
    rows = Delivery.objects.filter(pk__in=rung(enqueued))
    assert rows.filter(webhook=healthy).count() == 4
    assert rows.filter(webhook=sick).count() == 1


def test_longest_due_goes_first(webhook, enqueued):
    late = message(webhook, next_at=timezone.now() - timedelta(minutes=1))
    others = [message(webhook) for _ in range(3)]
    latest = message(webhook, next_at=timezone.now() - timedelta(hours=1))
    periodic.relay_and_dispatch()
    assert rung(enqueued)[:2] == ids(latest, late)
    assert len(others) == 3


def test_worker_that_is_done_rings_for_the_next(webhook, receiver, enqueued):
    webhook.url = receiver.url
    webhook.save()
    deliveries = [message(webhook) for _ in range(6)]
    periodic.relay_and_dispatch()
    (first, *_) = rung(enqueued)
    periodic.deliver_and_dispatch_next(first)
    assert len(rung(enqueued)) == 1
    assert len(deliveries) == 6


def test_log_goes_back_thirty_days(webhook, clock):
    old = [message(webhook) for _ in range(3)]
    clock.shift(periodic.LOG_RETENTION + timedelta(seconds=1))
    new = message(webhook)
    periodic.delete_old_deliveries()
    assert list(Delivery.objects.all()) == [new]
    assert len(old) == 3


def test_long_log_is_removed_whole(webhook, clock, monkeypatch):
    monkeypatch.setattr(periodic, "DELETE_BATCH", 2)
    for _ in range(5):
        message(webhook)
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

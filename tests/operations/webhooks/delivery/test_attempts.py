"""A message to a webhook: its attempts and their record."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation
from standardwebhooks import Webhook as Verifier

from operations.webhooks import periodic
from operations.webhooks.delivery import LEASE, MAX_ATTEMPTS, RETRY_DELAYS
from operations.webhooks.http_client import Outcome
from operations.webhooks.models import DeliveryStatus
from operations.webhooks.signing import new_secret
from tests.operations.webhooks.conftest import make_delivery
from tests.operations.webhooks.delivery.outcomes import FAILED, OK, deliver, fresh
from tests.receiver import status

START = "2026-03-30T12:00:00Z"
# Empty tables, without changed interviews of other tests.
pytestmark = pytest.mark.usefixtures("tables")


def test_message_is_signed_sent_and_recorded(webhook, receiver):
    delivery = deliver(make_delivery(webhook))
    (request,) = receiver.received
    assert Verifier(webhook.secret).verify(request.body, request.headers)["id"] == str(delivery.pk)
    assert request.headers["webhook-id"] == str(delivery.pk)
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("delivered", 1, 200)
    assert (delivery.error, delivery.next_at, delivery.lease) == ("", None, "")
    assert delivery.delivered_at is not None
    assert delivery.duration_ms is not None


def test_message_is_signed_with_both_secrets_for_a_while(webhook, receiver):
    webhook.old_secret, webhook.secret = webhook.secret, new_secret()
    webhook.old_secret_until = timezone.now() + timedelta(hours=1)
    webhook.save()
    deliver(make_delivery(webhook))
    webhook.old_secret_until = timezone.now() - timedelta(hours=1)
    webhook.save()
    deliver(make_delivery(webhook))
    assert [len(r.headers["webhook-signature"].split()) for r in receiver.received] == [2, 1]
    assert Verifier(webhook.old_secret).verify(
        receiver.received[0].body, receiver.received[0].headers
    )


def test_failure_is_recorded_and_retried_later(webhook, receiver):
    receiver.answer = status(500)
    delivery = deliver(make_delivery(webhook))
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("failed", 1, 500)
    assert delivery.error == "It answered 500 Internal Server Error."
    assert delivery.delivered_at is None


def test_retry_has_the_same_id_and_body_and_a_new_signature(webhook, receiver):
    receiver.answer = status(500)
    delivery = make_delivery(webhook)
    with time_machine.travel(START, tick=False) as clock:
        delivery.next_at = timezone.now()
        delivery.save()
        deliver(delivery)
        clock.shift(timedelta(seconds=30))
        receiver.answer = status(200)
        assert deliver(delivery).state == DeliveryStatus.DELIVERED
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [r.headers["webhook-timestamp"] for r in (first, second)] == ["1774872000", "1774872030"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize("repeat", range(3))
def test_retries_back_off_for_about_a_day_and_end(webhook, outcomes, repeat):
    outcomes.next = FAILED
    with time_machine.travel(START, tick=False) as clock:
        started_at = timezone.now()
        delivery = make_delivery(webhook, next_at=started_at)
        delays = []
        for _ in range(50):
            delivery = deliver(delivery)
            if delivery.next_at is None:
                break
            delays.append(delivery.next_at - timezone.now())
            # One millisecond too early, nothing is sent.
            clock.move_to(delivery.next_at - timedelta(milliseconds=1))
            deliver(delivery)
            clock.move_to(delivery.next_at)
        total = timezone.now() - started_at
    assert (delivery.state, delivery.attempts, len(outcomes.posted)) == ("given_up", 10, 10)
    pairs = zip(delays, RETRY_DELAYS, strict=True)
    assert [0.9 * planned <= delay <= 1.1 * planned for delay, planned in pairs] == ([True] * 9)
    assert timedelta(hours=20) < total < timedelta(hours=25)


def test_delays_add_up_to_about_a_day():
    assert sum(RETRY_DELAYS, timedelta()) == timedelta(hours=22, minutes=42, seconds=35)


def test_retry_after_delays_the_next_attempt(webhook, outcomes):
    outcomes.next = Outcome(1, 503, "It answered 503 Service Unavailable.", retry_after=600)
    with time_machine.travel(START, tick=False):
        delivery = deliver(make_delivery(webhook, next_at=timezone.now()))
        assert delivery.next_at == timezone.now() + timedelta(minutes=10)


def test_delivered_message_is_not_sent_again(webhook, outcomes):
    delivery = deliver(make_delivery(webhook))
    deliver(delivery)
    assert len(outcomes.posted) == 1


@pytest.mark.parametrize("unknown", ["5a1c1f0e-8f4b-4c0c-9a3f-0a4d2f7f6b11"])
def test_unknown_delivery_is_ignored(db, outcomes, unknown):
    periodic.deliver_and_dispatch_next(unknown)
    assert outcomes.posted == []


def test_concurrent_workers_send_it_once(webhook, outcomes):
    delivery = make_delivery(webhook)

    def meanwhile():
        outcomes.next = OK
        periodic.deliver_and_dispatch_next(str(delivery.pk))
        return OK

    outcomes.next = meanwhile
    assert deliver(delivery).state == DeliveryStatus.DELIVERED
    assert (len(outcomes.posted), delivery.attempts) == (1, 1)


def test_message_of_a_dead_worker_is_sent_again_after_the_lease(webhook, outcomes, enqueued):
    def dies():
        raise SystemExit

    with time_machine.travel(START, tick=False) as clock:
        delivery = make_delivery(webhook, next_at=timezone.now())
        outcomes.next = dies
        with pytest.raises(SystemExit):
            periodic.deliver_and_dispatch_next(str(delivery.pk))
        outcomes.next = OK
        periodic.relay_and_dispatch()
        assert enqueued == []
        clock.shift(LEASE + timedelta(seconds=1))
        periodic.relay_and_dispatch()
        assert enqueued == [("operations.deliver", str(delivery.pk))]
        assert deliver(delivery).state == DeliveryStatus.DELIVERED
    assert (len(outcomes.posted), delivery.attempts) == (2, 2)


def test_message_that_kills_every_worker_is_given_up(webhook, outcomes):
    delivery = deliver(make_delivery(webhook, attempts=MAX_ATTEMPTS))
    assert (delivery.state, outcomes.posted) == ("given_up", [])
    assert delivery.error == "The worker stopped each time before it was sent."


def test_worker_with_an_expired_lease_changes_nothing(webhook, outcomes):
    with time_machine.travel(START, tick=False) as clock:
        delivery = make_delivery(webhook, next_at=timezone.now())

        def late():
            clock.shift(LEASE + timedelta(seconds=1))
            outcomes.next = OK
            periodic.deliver_and_dispatch_next(str(delivery.pk))
            return FAILED

        outcomes.next = late
        assert deliver(delivery).state == DeliveryStatus.DELIVERED
    assert (delivery.status_code, fresh(webhook).failures) == (200, 0)


def test_unexpected_exception_is_a_failed_attempt(webhook, outcomes):
    outcomes.next = lambda: 1 / 0
    delivery = deliver(make_delivery(webhook))
    assert delivery.state == DeliveryStatus.FAILED
    assert delivery.error == "Something went wrong. The error was logged."


def test_outcome_is_stored_in_english(webhook, outcomes):
    outcomes.next = lambda: Outcome(0, error=f"Said in {translation.get_language()}.")
    with translation.override("de"):
        delivery = deliver(make_delivery(webhook))
    assert delivery.error == "Said in en."


def test_nothing_is_sent_to_a_disabled_webhook(webhook, outcomes):
    delivery = make_delivery(webhook)
    webhook.is_active = False
    webhook.save()
    assert deliver(delivery).state == DeliveryStatus.PENDING
    assert (outcomes.posted, delivery.attempts) == ([], 0)


def test_no_secret_and_no_address_is_in_a_log_or_an_event(webhook, receiver, stream, caplog):
    receiver.answer = status(500)
    deliver(make_delivery(webhook))
    for text in (caplog.text, stream.text):
        assert "whsec_" not in text
        assert webhook.secret not in text
        assert "key=1" not in text
    assert stream.events_named("webhook") == [{"webhookId": webhook.pk}]

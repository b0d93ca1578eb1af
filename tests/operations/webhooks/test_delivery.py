"""An attempt: claimed by one, written down, and followed by the next, until it is given up."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from operations.mail import outbox
from operations.mail.models import Message
from operations.webhooks import actions, http_client, periodic
from operations.webhooks.delivery import LEASE, MAX_ATTEMPTS, RETRY_DELAYS
from operations.webhooks.http_client import Outcome
from operations.webhooks.models import TEST, DeliveryStatus
from operations.webhooks.signing import new_secret
from tests.operations.webhooks.conftest import message
from tests.receiver import status

OK = Outcome(12, 200)
FAILED = Outcome(12, 500, "It answered 500 Internal Server Error.")
START = "2026-03-30T12:00:00Z"

# No interview that another test left has changed.
pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def outcomes(monkeypatch):
    """What comes of the next attempts, without a receiver; and what was posted."""

    class Outcomes:
        def __init__(self):
            self.next = OK
            self.posted = []

        def post(self, url, body, headers):
            self.posted.append((url, body, headers))
            return self.next() if callable(self.next) else self.next

    outcomes = Outcomes()
    monkeypatch.setattr(http_client, "post_json", outcomes.post)
    return outcomes


def fresh(row):
    row.refresh_from_db()
    return row


def deliver(delivery):
    periodic.deliver_and_dispatch_next(str(delivery.pk))
    return fresh(delivery)


def test_message_is_signed_sent_and_noted(webhook, receiver):
    delivery = deliver(message(webhook))
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
    deliver(message(webhook))
    webhook.old_secret_until = timezone.now() - timedelta(hours=1)
    webhook.save()
    deliver(message(webhook))
    assert [len(r.headers["webhook-signature"].split()) for r in receiver.received] == [2, 1]
    assert Verifier(webhook.old_secret).verify(
        receiver.received[0].body, receiver.received[0].headers
    )


def test_failure_says_why_and_waits_for_the_next_attempt(webhook, receiver):
    receiver.answer = status(500)
    delivery = deliver(message(webhook))
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("failed", 1, 500)
    assert delivery.error == "It answered 500 Internal Server Error."
    assert delivery.delivered_at is None


def test_next_attempt_has_the_same_id_and_body_and_a_signature_of_its_own_time(webhook, receiver):
    receiver.answer = status(500)
    delivery = message(webhook)
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
def test_attempts_back_off_for_about_a_day_and_end(webhook, outcomes, repeat):
    outcomes.next = FAILED
    with time_machine.travel(START, tick=False) as clock:
        begun = timezone.now()
        delivery = message(webhook, next_at=begun)
        waits = []
        for _ in range(50):
            delivery = deliver(delivery)
            if delivery.next_at is None:
                break
            waits.append(delivery.next_at - timezone.now())
            # A moment too early is too early.
            clock.move_to(delivery.next_at - timedelta(milliseconds=1))
            deliver(delivery)
            clock.move_to(delivery.next_at)
        took = timezone.now() - begun
    assert (delivery.state, delivery.attempts, len(outcomes.posted)) == ("given_up", 10, 10)
    pairs = zip(waits, RETRY_DELAYS, strict=True)
    assert [0.9 * planned <= wait <= 1.1 * planned for wait, planned in pairs] == ([True] * 9)
    assert timedelta(hours=20) < took < timedelta(hours=25)


def test_delays_come_to_about_a_day():
    assert sum(RETRY_DELAYS, timedelta()) == timedelta(hours=22, minutes=42, seconds=35)


def test_receiver_is_left_alone_for_as_long_as_it_asks(webhook, outcomes):
    outcomes.next = Outcome(1, 503, "It answered 503 Service Unavailable.", retry_after=600)
    with time_machine.travel(START, tick=False):
        delivery = deliver(message(webhook, next_at=timezone.now()))
        assert delivery.next_at == timezone.now() + timedelta(minutes=10)


def test_message_that_is_delivered_is_not_sent_again(webhook, outcomes):
    delivery = deliver(message(webhook))
    deliver(delivery)
    assert len(outcomes.posted) == 1


@pytest.mark.parametrize("unknown", ["5a1c1f0e-8f4b-4c0c-9a3f-0a4d2f7f6b11"])
def test_message_that_is_gone_is_nobodys(db, outcomes, unknown):
    periodic.deliver_and_dispatch_next(unknown)
    assert outcomes.posted == []


def test_two_workers_at_once_send_it_once(webhook, outcomes):
    delivery = message(webhook)

    def meanwhile():
        outcomes.next = OK
        periodic.deliver_and_dispatch_next(str(delivery.pk))
        return OK

    outcomes.next = meanwhile
    assert deliver(delivery).state == DeliveryStatus.DELIVERED
    assert (len(outcomes.posted), delivery.attempts) == (1, 1)


def test_message_of_a_worker_that_died_is_sent_again(webhook, outcomes, enqueued):
    def dies():
        raise SystemExit

    with time_machine.travel(START, tick=False) as clock:
        delivery = message(webhook, next_at=timezone.now())
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
    delivery = deliver(message(webhook, attempts=MAX_ATTEMPTS))
    assert (delivery.state, outcomes.posted) == ("given_up", [])
    assert delivery.error == "Whatever sent it ended each time before it was done."


def test_worker_that_comes_back_late_changes_nothing(webhook, outcomes):
    with time_machine.travel(START, tick=False) as clock:
        delivery = message(webhook, next_at=timezone.now())

        def late():
            clock.shift(LEASE + timedelta(seconds=1))
            outcomes.next = OK
            periodic.deliver_and_dispatch_next(str(delivery.pk))
            return FAILED

        outcomes.next = late
        assert deliver(delivery).state == DeliveryStatus.DELIVERED
    assert (delivery.status_code, fresh(webhook).failures) == (200, 0)


def test_fault_of_ours_is_a_failed_attempt(webhook, outcomes):
    outcomes.next = lambda: 1 / 0
    delivery = deliver(message(webhook))
    assert delivery.state == DeliveryStatus.FAILED
    assert delivery.error == "Something went wrong here; it has been noted."


def test_nothing_is_sent_for_a_webhook_that_is_switched_off(webhook, outcomes):
    delivery = message(webhook)
    webhook.is_active = False
    webhook.save()
    assert deliver(delivery).state == DeliveryStatus.PENDING
    assert (outcomes.posted, delivery.attempts) == ([], 0)


def test_no_secret_and_no_address_is_in_a_log_or_an_event(webhook, receiver, stream, caplog):
    receiver.answer = status(500)
    deliver(message(webhook))
    for text in (caplog.text, stream.text):
        assert "whsec_" not in text
        assert webhook.secret not in text
        assert "key=1" not in text
    assert stream.said("webhook") == [{"webhookId": webhook.pk}]


# -- what it says of the webhook -------------------------------------------------------------------


def test_failures_are_counted_until_a_success(webhook, outcomes):
    outcomes.next = FAILED
    for _ in range(2):
        deliver(message(webhook))
    since = fresh(webhook).failing_since
    assert (webhook.failures, since is not None) == (2, True)
    outcomes.next = OK
    deliver(message(webhook))
    assert (fresh(webhook).failures, webhook.failing_since) == (0, None)


def failing(webhook, *, days, failures):
    webhook.failing_since = timezone.now() - timedelta(days=days)
    webhook.failures = failures
    webhook.save()


@pytest.mark.parametrize(("days", "failures"), [(2.9, 50), (4, 8)])
def test_webhook_that_failed_too_short_or_too_seldom_stays_on(webhook, outcomes, days, failures):
    outcomes.next = FAILED
    failing(webhook, days=days, failures=failures)
    deliver(message(webhook))
    assert fresh(webhook).is_active


@pytest.fixture
def mail_on(settings):
    settings.MAIL_IS_ON = True
    settings.ADMINS = [("", "admin@example.com"), ("", "ops@example.com")]
    settings.SITE_URL = "https://tests.example.com"


@pytest.fixture
def broken(webhook, outcomes):
    """The next failure of it is one too many."""
    outcomes.next = FAILED
    failing(webhook, days=3.1, failures=9)
    return webhook


BECAUSE = (
    "Nothing could be delivered for 3 days. The last time: It answered 500 Internal Server Error."
)


def test_webhook_that_failed_for_long_is_switched_off_and_administrators_are_told(mail_on, broken):
    other = message(broken)
    deliver(message(broken))
    deliver(other)
    assert (fresh(broken).is_active, broken.disabled_because) == (False, BECAUSE)
    assert broken.disabled_at is not None
    # What waits goes on waiting.
    assert fresh(other).state == DeliveryStatus.PENDING
    notices = Message.objects.order_by("pk")
    assert [(each.kind, each.to, each.state, each.subject) for each in notices] == [
        ("notice", "admin@example.com", "queued", "Webhook “ATS” was switched off"),
        ("notice", "ops@example.com", "queued", "Webhook “ATS” was switched off"),
    ]
    for each in notices:
        assert each.text.startswith(BECAUSE)
        assert each.text.endswith(f"https://tests.example.com/webhooks/{broken.pk}/\n")
        assert broken.url not in each.text


def test_administrators_are_told_of_each_time_it_is_switched_off(mail_on, broken):
    for _ in range(2):
        deliver(message(broken))
        actions.switch_on(broken, by="grace")
        failing(fresh(broken), days=3.1, failures=9)
    assert Message.objects.filter(to="ops@example.com").count() == 2


def test_webhook_that_administrators_cannot_be_told_of_is_not_switched_off(
    mail_on, broken, monkeypatch
):
    def away(*_):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "notify_administrators", away)
        with pytest.raises(DatabaseError):
            deliver(message(broken))
    # So the next failure does both.
    assert fresh(broken).is_active
    deliver(message(broken))
    assert (fresh(broken).is_active, Message.objects.count()) == (False, 2)


def test_where_no_mail_is_sent_it_is_switched_off_all_the_same(mail_on, broken, settings):
    settings.MAIL_IS_ON = False
    deliver(message(broken))
    assert (fresh(broken).is_active, broken.disabled_because) == (False, BECAUSE)
    assert Message.objects.count() == 0


def test_receiver_that_is_gone_for_good_switches_its_webhook_off(webhook, receiver):
    receiver.answer = status(410)
    deliver(message(webhook))
    assert (fresh(webhook).is_active, webhook.disabled_because) == (
        False,
        "It answered 410 Gone: it wants no more messages.",
    )


def test_test_is_tried_once_and_counts_for_nothing(webhook, receiver):
    receiver.answer = status(410)
    delivery = deliver(message(webhook, event=TEST, interview_id=None, moment=None))
    assert (delivery.state, delivery.next_at, delivery.status_code) == ("given_up", None, 410)
    assert (fresh(webhook).failures, webhook.is_active) == (0, True)

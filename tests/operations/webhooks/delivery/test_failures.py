"""Webhooks that fail for long are disabled, and administrators are told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from operations.mail import outbox
from operations.mail.models import Message
from operations.webhooks import actions
from operations.webhooks.models import TEST, DeliveryStatus
from tests.operations.webhooks.conftest import make_delivery
from tests.operations.webhooks.delivery.outcomes import FAILED, OK, deliver, fresh
from tests.receiver import status

# Empty tables, without changed interviews of other tests.
pytestmark = pytest.mark.usefixtures("tables")


def test_failures_are_counted_until_a_success(webhook, outcomes):
    outcomes.next = FAILED
    for _ in range(2):
        deliver(make_delivery(webhook))
    since = fresh(webhook).failing_since
    assert (webhook.failures, since is not None) == (2, True)
    outcomes.next = OK
    deliver(make_delivery(webhook))
    assert (fresh(webhook).failures, webhook.failing_since) == (0, None)


def failing(webhook, *, days, failures):
    webhook.failing_since = timezone.now() - timedelta(days=days)
    webhook.failures = failures
    webhook.save()


@pytest.mark.parametrize(("days", "failures"), [(2.9, 50), (4, 8)])
def test_webhook_with_few_or_recent_failures_stays_enabled(webhook, outcomes, days, failures):
    outcomes.next = FAILED
    failing(webhook, days=days, failures=failures)
    deliver(make_delivery(webhook))
    assert fresh(webhook).is_active


@pytest.fixture
def mail_on(settings):
    settings.MAIL_IS_ON = True
    settings.ADMINS = [("", "admin@example.com"), ("", "ops@example.com")]
    settings.SITE_URL = "https://tests.example.com"


@pytest.fixture
def broken(webhook, outcomes):
    """A webhook that is switched off by its next failure."""
    outcomes.next = FAILED
    failing(webhook, days=3.1, failures=9)
    return webhook


BECAUSE = "No message was delivered for 3 days. Last error: It answered 500 Internal Server Error."


def test_failing_webhook_is_disabled_and_administrators_are_notified(mail_on, broken):
    other = make_delivery(broken)
    deliver(make_delivery(broken))
    deliver(other)
    assert (fresh(broken).is_active, broken.disabled_because) == (False, BECAUSE)
    assert broken.disabled_at is not None
    # Queued messages stay.
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


def test_administrators_are_notified_each_time_it_is_disabled(mail_on, broken):
    for _ in range(2):
        deliver(make_delivery(broken))
        actions.switch_on(broken, by="grace")
        failing(fresh(broken), days=3.1, failures=9)
    assert Message.objects.filter(to="ops@example.com").count() == 2


def test_webhook_is_not_disabled_if_the_notification_fails(mail_on, broken, monkeypatch):
    def away(*_):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "notify_administrators", away)
        with pytest.raises(DatabaseError):
            deliver(make_delivery(broken))
    # The next failure switches it off and notifies them.
    assert fresh(broken).is_active
    deliver(make_delivery(broken))
    assert (fresh(broken).is_active, Message.objects.count()) == (False, 2)


def test_without_mail_a_failing_webhook_is_disabled_as_well(mail_on, broken, settings):
    settings.MAIL_IS_ON = False
    deliver(make_delivery(broken))
    assert (fresh(broken).is_active, broken.disabled_because) == (False, BECAUSE)
    assert Message.objects.count() == 0


def test_410_gone_disables_the_webhook(webhook, receiver):
    receiver.answer = status(410)
    deliver(make_delivery(webhook))
    assert (fresh(webhook).is_active, webhook.disabled_because) == (
        False,
        "It answered 410 Gone, so it wants no more messages.",
    )


def test_test_message_is_sent_once_and_not_counted(webhook, receiver):
    receiver.answer = status(410)
    delivery = deliver(make_delivery(webhook, event=TEST, interview_id=None, moment=None))
    assert (delivery.state, delivery.next_at, delivery.status_code) == ("given_up", None, 410)
    assert (fresh(webhook).failures, webhook.is_active) == (0, True)

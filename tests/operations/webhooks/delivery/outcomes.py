"""Outcomes of attempts."""

from operations.webhooks import periodic
from operations.webhooks.http_client import Outcome

OK = Outcome(12, 200)
FAILED = Outcome(12, 500, "It answered 500 Internal Server Error.")


def fresh(row):
    row.refresh_from_db()
    return row


def deliver(delivery):
    periodic.deliver_and_dispatch_next(str(delivery.pk))
    return fresh(delivery)

import io
import json
import unittest
from datetime import datetime, timezone

from reconcile.readers import Payment, read_orders, read_payments


def line(**changes):
    record = {
        "id": "p-1",
        "order": "A-1",
        "type": "charge",
        "amount_minor": 500,
        "currency": "EUR",
        "at": "2024-03-30T22:31:05Z",
    }
    return json.dumps(record | changes) + "\n"


class Orders(unittest.TestCase):
    def test_are_read(self):
        text = "order_id,placed_at,currency,total\nA-1,2024-03-31T00:30:00+02:00,EUR,20.50\n"
        [order] = read_orders(io.StringIO(text))
        self.assertEqual((order.id, order.currency, order.total), ("A-1", "EUR", 2050))
        self.assertEqual(order.placed_at, datetime(2024, 3, 30, 22, 30, tzinfo=timezone.utc))


class Payments(unittest.TestCase):
    def test_are_read(self):
        payments, bad = read_payments([line()])
        at = datetime(2024, 3, 30, 22, 31, 5, tzinfo=timezone.utc)
        self.assertEqual(payments, [Payment("p-1", "A-1", "charge", 500, "EUR", at)])
        self.assertEqual(bad, [])

    def test_delivered_twice_count_once(self):
        payments, bad = read_payments([line(), line(id="p-2"), line()])
        self.assertEqual([payment.id for payment in payments], ["p-1", "p-2"])
        self.assertEqual(bad, [])

    def test_broken_lines_are_reported_and_the_rest_is_read(self):
        payments, bad = read_payments([line(), '{"id": "p-9", "ord', "\n", line(id="p-2"), "[]\n"])
        self.assertEqual([payment.id for payment in payments], ["p-1", "p-2"])
        self.assertEqual(bad, [2, 5])

    def test_with_missing_or_absurd_fields_are_broken_lines(self):
        _, bad = read_payments([line(amount_minor=-1), line(type="gift"), line(at="yesterday")])
        self.assertEqual(bad, [1, 2, 3])

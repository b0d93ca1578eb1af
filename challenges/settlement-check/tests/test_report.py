import unittest
from datetime import datetime, timezone, timedelta

from reconcile.matching import Result
from reconcile.readers import Payment
from reconcile.report import as_text, daily_totals


def payment(at, amount, type="charge", currency="EUR"):
    return Payment(f"p-{at}-{amount}", "A-1", type, amount, currency, at)


class Text(unittest.TestCase):
    def test_has_a_line_per_result(self):
        self.assertEqual(
            as_text([Result("A-1", "underpaid", "EUR", 1000, 750)]),
            "A-1        underpaid          7.50 EUR of 10.00 EUR",
        )


class DailyTotals(unittest.TestCase):
    def test_are_net_and_per_currency(self):
        at = datetime(2024, 3, 30, 12, tzinfo=timezone.utc)
        payments = [
            payment(at, 1000),
            payment(at, 300, "refund"),
            payment(at, 50, currency="USD"),
        ]
        self.assertEqual(daily_totals(payments), {"2024-03-30": {"EUR": 700, "USD": 50}})

    def test_are_counted_in_utc(self):
        late = datetime(2024, 3, 31, 1, 30, tzinfo=timezone(timedelta(hours=2)))
        self.assertEqual(daily_totals([payment(late, 5)]), {"2024-03-30": {"EUR": 5}})

    def test_come_in_the_order_of_the_days(self):
        days = [datetime(2024, 4, day, tzinfo=timezone.utc) for day in (2, 1, 3)]
        totals = daily_totals([payment(day, 1) for day in days])
        self.assertEqual(list(totals), ["2024-04-01", "2024-04-02", "2024-04-03"])

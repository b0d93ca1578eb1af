import contextlib
import itertools
import json
import signal
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from reconcile.matching import reconcile
from reconcile.money import to_minor
from reconcile.readers import Order, Payment, read_payments
from reconcile.report import daily_totals

AT = datetime(2024, 3, 30, 22, 0, tzinfo=timezone.utc)
NUMBERS = itertools.count(1)
LINE = {
    "id": "p-1",
    "order": "A-1",
    "type": "charge",
    "amount_minor": 500,
    "currency": "EUR",
    "at": "2024-03-30T22:31:05Z",
}


def order(id="A-1", total=1000, currency="EUR"):
    return Order(id, AT, currency, total)


def pay(amount, order="A-1", currency="EUR", type="charge", at=AT):
    return Payment(f"p-{next(NUMBERS)}", order, type, amount, currency, at)


@contextlib.contextmanager
def time_limit(seconds):
    def stop(*_):
        raise TimeoutError(f"it takes more than {seconds} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


class Amounts(unittest.TestCase):
    def test_one_decimal_is_tens_of_cents(self):
        self.assertEqual(to_minor("20.5", "EUR"), 2050)

    def test_a_cent_is_exact_in_every_amount(self):
        wrong = [cent for cent in range(100_000) if to_minor(f"{cent // 100}.{cent % 100:02}", "EUR") != cent]
        self.assertEqual(wrong, [])

    def test_other_writings_are_no_amounts(self):
        for text in ("-1.00", "1.000.00", "1 000", "0x10", "1_000", "inf", "٣", "EUR 5"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                to_minor(text, "EUR")


class Reading(unittest.TestCase):
    def bad(self, **changes):
        payments, bad = read_payments([json.dumps(LINE | changes) + "\n"])
        return (payments, bad) == ([], [1])

    def test_an_amount_is_a_whole_positive_number(self):
        for amount in (0, 1.5, "500", None, True):
            with self.subTest(amount=amount):
                self.assertTrue(self.bad(amount_minor=amount))

    def test_a_time_without_an_offset_is_broken(self):
        self.assertTrue(self.bad(at="2024-03-30T22:31:05"))

    def test_a_payment_delivered_much_later_again_counts_once(self):
        lines = [json.dumps(LINE | {"id": f"p-{number}"}) for number in range(2_000)]
        payments, bad = read_payments([*lines, *lines])
        self.assertEqual((len(payments), bad), (2_000, []))


class Matching(unittest.TestCase):
    def state(self, *payments, total=1000):
        [result] = reconcile([order(total=total)], payments)
        return result.state

    def test_paid_back_in_parts_is_refunded(self):
        refunds = [pay(400, type="refund"), pay(600, type="refund")]
        self.assertEqual(self.state(pay(1000), *refunds), "refunded")

    def test_paid_back_more_than_charged_is_underpaid(self):
        self.assertEqual(self.state(pay(1000), pay(1200, type="refund")), "underpaid")

    def test_another_currency_wins_over_a_sum_that_fits(self):
        self.assertEqual(self.state(pay(1000), pay(5, currency="USD")), "currency_mismatch")

    def test_the_order_of_payments_does_not_matter(self):
        payments = [pay(300, type="refund"), pay(1300)]
        self.assertEqual(self.state(*payments), self.state(*payments[::-1]))
        self.assertEqual(self.state(*payments), "settled")

    def test_an_unknown_order_is_net_of_its_refunds(self):
        results = reconcile([], [pay(500, "B-1"), pay(200, "B-1", type="refund")])
        self.assertEqual([(each.order, each.state, each.paid) for each in results], [("B-1", "unknown_order", 300)])

    def test_two_hundred_thousand_payments_take_seconds(self):
        orders = [order(f"A-{number}") for number in range(100_000)]
        payments = [pay(500, f"A-{number % 100_000}") for number in range(200_000)]
        with time_limit(8):
            results = reconcile(orders, payments)
        self.assertEqual({each.state for each in results}, {"settled"})


class Totals(unittest.TestCase):
    def test_a_day_of_refunds_is_negative(self):
        self.assertEqual(daily_totals([pay(5, type="refund")]), {"2024-03-30": {"EUR": -5}})

    def test_a_day_begins_at_midnight_in_utc(self):
        early = datetime(2024, 3, 30, 20, 0, tzinfo=timezone(timedelta(hours=-5)))
        self.assertEqual(daily_totals([pay(5, at=early)]), {"2024-03-31": {"EUR": 5}})


class Command(unittest.TestCase):
    """As accounting runs it: a program of its own."""

    def run_on(self, orders, *payments):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "o.csv").write_text("order_id,placed_at,currency,total\n" + orders)
            Path(folder, "p.jsonl").write_text("".join(payments))
            return subprocess.run(
                [sys.executable, "-m", "reconcile", f"{folder}/o.csv", f"{folder}/p.jsonl", "--format", "json"],
                capture_output=True,
                text=True,
                timeout=30,
            )

    ORDER = "A-1,2024-03-31T00:30:00+02:00,EUR,5.00\n"

    def test_all_settled_or_refunded_is_a_success(self):
        refunded = json.dumps(LINE | {"id": "p-2", "type": "refund"}) + "\n"
        for payments in ([json.dumps(LINE) + "\n"], [json.dumps(LINE) + "\n", refunded]):
            ran = self.run_on(self.ORDER, *payments)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertEqual(set(json.loads(ran.stdout)), {"results", "daily_totals", "bad_lines"})

    def test_a_broken_line_or_an_unknown_order_is_none(self):
        for extra in ("{\n", json.dumps(LINE | {"id": "p-2", "order": "B-9"}) + "\n"):
            ran = self.run_on(self.ORDER, json.dumps(LINE) + "\n", extra)
            self.assertEqual(ran.returncode, 1, ran.stderr)

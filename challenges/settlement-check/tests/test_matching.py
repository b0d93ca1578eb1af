import itertools
import time
import unittest
from datetime import datetime, timezone

from reconcile.matching import Result, reconcile
from reconcile.readers import Order, Payment

AT = datetime(2024, 3, 30, 22, 0, tzinfo=timezone.utc)
NUMBERS = itertools.count(1)


def order(id="A-1", total=1000, currency="EUR"):
    return Order(id, AT, currency, total)


def charge(amount, order="A-1", currency="EUR", type="charge"):
    return Payment(f"p-{next(NUMBERS)}", order, type, amount, currency, AT)


def refund(amount, order="A-1"):
    return charge(amount, order, type="refund")


class States(unittest.TestCase):
    def state(self, *payments):
        [result] = reconcile([order()], payments)
        return result.state, result.paid

    def test_settled(self):
        self.assertEqual(self.state(charge(1000)), ("settled", 1000))

    def test_settled_in_parts(self):
        self.assertEqual(self.state(charge(400), charge(600)), ("settled", 1000))

    def test_unpaid(self):
        self.assertEqual(self.state(), ("unpaid", 0))

    def test_underpaid(self):
        self.assertEqual(self.state(charge(999)), ("underpaid", 999))

    def test_overpaid(self):
        self.assertEqual(self.state(charge(1001)), ("overpaid", 1001))

    def test_a_refund_is_taken_off(self):
        self.assertEqual(self.state(charge(1000), refund(250)), ("underpaid", 750))

    def test_an_overpayment_that_was_paid_back_is_settled(self):
        self.assertEqual(self.state(charge(1200), refund(200)), ("settled", 1000))

    def test_refunded(self):
        self.assertEqual(self.state(charge(1000), refund(1000)), ("refunded", 0))

    def test_another_currency(self):
        self.assertEqual(self.state(charge(1000, currency="USD"))[0], "currency_mismatch")


class Results(unittest.TestCase):
    def test_come_in_the_order_of_the_orders_then_the_unknown(self):
        results = reconcile(
            [order("A-2"), order("A-1")], [charge(300, "B-7"), charge(1000, "A-1")]
        )
        self.assertEqual(
            results,
            [
                Result("A-2", "unpaid", "EUR", 1000, 0),
                Result("A-1", "settled", "EUR", 1000, 1000),
                Result("B-7", "unknown_order", "EUR", 0, 300),
            ],
        )

    def test_of_a_large_night_come_in_time(self):
        orders = [order(f"A-{number}") for number in range(12_000)]
        payments = [charge(1000, f"A-{number}") for number in range(12_000)]
        began = time.perf_counter()
        results = reconcile(orders, payments)
        self.assertLess(time.perf_counter() - began, 1)
        self.assertEqual({result.state for result in results}, {"settled"})

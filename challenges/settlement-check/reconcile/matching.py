"""Which order got its money."""

from dataclasses import dataclass
from typing import Iterable

from reconcile.readers import Order, Payment


@dataclass(frozen=True)
class Result:
    order: str
    state: str
    currency: str
    expected: int
    paid: int


def reconcile(orders: Iterable[Order], payments: Iterable[Payment]) -> list[Result]:
    """One result per order in the order of the input, then those of unknown orders."""
    orders = list(orders)
    payments = list(payments)
    results = []
    for order in orders:
        paid = 0
        for payment in payments:
            if payment.order == order.id:
                paid += payment.amount
        if paid >= order.total:
            state = "settled"
        elif paid == 0:
            state = "unpaid"
        else:
            state = "underpaid"
        results.append(Result(order.id, state, order.currency, order.total, paid))
    return results

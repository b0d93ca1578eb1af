"""Which order got its money."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Iterable, Sequence

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
    by_order: dict[str, list[Payment]] = defaultdict(list)
    for payment in payments:
        by_order[payment.order].append(payment)
    results = [_result(order, by_order.pop(order.id, [])) for order in orders]
    for id, unknown in by_order.items():
        for currency in dict.fromkeys(payment.currency for payment in unknown):
            paid = net(payment for payment in unknown if payment.currency == currency)
            results.append(Result(id, "unknown_order", currency, 0, paid))
    return results


def net(payments: Iterable[Payment]) -> int:
    """Charges minus refunds."""
    return sum(each.amount if each.type == "charge" else -each.amount for each in payments)


def _result(order: Order, payments: Sequence[Payment]) -> Result:
    paid = net(payment for payment in payments if payment.currency == order.currency)
    return Result(order.id, _state(order, payments, paid), order.currency, order.total, paid)


def _state(order: Order, payments: Sequence[Payment], paid: int) -> str:
    if not payments:
        return "unpaid"
    if any(payment.currency != order.currency for payment in payments):
        return "currency_mismatch"
    if paid == order.total:
        return "settled"
    if paid == 0:
        return "refunded"
    return "underpaid" if paid < order.total else "overpaid"

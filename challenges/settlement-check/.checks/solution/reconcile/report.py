"""What people and programs are shown."""

from datetime import timezone
from typing import Iterable

from reconcile.matching import Result, net
from reconcile.money import to_text
from reconcile.readers import Payment


def as_text(results: Iterable[Result]) -> str:
    """One line per result, the states aligned."""
    return "\n".join(
        f"{result.order:<10} {result.state:<18} "
        f"{to_text(result.paid, result.currency)} of {to_text(result.expected, result.currency)}"
        for result in results
    )


def daily_totals(payments: Iterable[Payment]) -> dict[str, dict[str, int]]:
    """Net minor units per UTC day and currency: {'2024-03-30': {'EUR': 1999}}, days ascending."""
    days: dict[str, dict[str, int]] = {}
    for payment in payments:
        totals = days.setdefault(payment.at.astimezone(timezone.utc).date().isoformat(), {})
        totals[payment.currency] = totals.get(payment.currency, 0) + net([payment])
    return dict(sorted(days.items()))

"""Amounts as people write them, as whole minor units."""

import re

WITHOUT_MINOR_UNITS = {"JPY", "KRW"}
AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})*|[0-9]+)(?:\.([0-9]+))?")


def to_minor(text: str, currency: str) -> int:
    """'19.99' EUR -> 1999.

    Raises:
        ValueError: if it is not an amount of this currency.
    """
    digits = 0 if currency in WITHOUT_MINOR_UNITS else 2
    match = AMOUNT.fullmatch(text)
    if match is None or len(match[2] or "") > digits:
        raise ValueError(f"{text!r} is not an amount in {currency}")
    return int(match[1].replace(",", "") + (match[2] or "").ljust(digits, "0"))


def to_text(minor: int, currency: str) -> str:
    """1999 EUR -> '19.99 EUR'."""
    if currency in WITHOUT_MINOR_UNITS:
        return f"{minor:,} {currency}"
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02} {currency}"

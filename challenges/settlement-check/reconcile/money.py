"""Amounts as people write them, as whole minor units."""

WITHOUT_MINOR_UNITS = {"JPY", "KRW"}


def to_minor(text: str, currency: str) -> int:
    """'19.99' EUR -> 1999."""
    return int(float(text.replace(",", "")) * 100)


def to_text(minor: int, currency: str) -> str:
    """1999 EUR -> '19.99 EUR'."""
    if currency in WITHOUT_MINOR_UNITS:
        return f"{minor:,} {currency}"
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02} {currency}"

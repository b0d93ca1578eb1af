"""What a bench measured, with its peer and its bar, and the table of all of them."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """What a figure has to reach: at most so much of its unit, or at least so much."""

    value: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value


@dataclass(frozen=True)
class Figure:
    """One measured value, lower being better unless its bar says otherwise."""

    what: str
    value: float
    unit: str
    bar: Bar | None = None
    note: str = ""
    """What it was measured beside, in the same run, or how it spreads."""

    @property
    def is_met(self) -> bool | None:
        return None if self.bar is None else self.bar.is_met(self.value)


Measure = Callable[[bool], Iterable[Figure]]
"""Measures in full, or, if it is called with True, just enough to show that the bench runs."""

HEADER = "| what | measured | bar | | beside it |\n|---|--:|--:|:-:|---|"


def row(figure: Figure) -> str:
    bar = ""
    if figure.bar is not None:
        sign = "≥" if figure.bar.at_least else "≤"
        bar = f"{sign} {_with_unit(figure.bar.value, figure.unit)}"
    met = {None: "", True: "✓", False: "✗"}[figure.is_met]
    value = _with_unit(figure.value, figure.unit)
    return f"| {figure.what} | {value} | {bar} | {met} | {figure.note} |"


def _with_unit(value: float, unit: str) -> str:
    if abs(value) >= 100 or value == int(value):
        number = f"{value:,.0f}"
    else:
        number = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{number} {unit}".rstrip()


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def spread(values: Iterable[float], digits: int = 1) -> str:
    """The least and the most of the values, for a note."""
    found = list(values)
    return f"{min(found):.{digits}f} to {max(found):.{digits}f}"

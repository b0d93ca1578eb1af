"""SVG geometry of the start time charts, in percent of their area. Templates only draw it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import dateformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.presenters import durations
from operations.start_times.statistics import Percentiles

# Possible distances between the lines of an axis, in seconds.
INTERVALS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
MAX_INTERVALS = 4
# Values above this multiple of the overall p95 are drawn at the edge, so that the rest stays clear.
OUTLIER = 3
# The line continues over a weekend, but not over a week without starts.
BRIDGED = timedelta(days=4)


def day_in_words(day: date) -> str:
    return dateformat.format(day, _("j M"))


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Axis:
    """A scale from 0 to `top` seconds, in equal intervals."""

    top: float
    interval: float

    def y(self, seconds: float) -> float:
        """The distance from the top, as SVG counts. Values above the axis are drawn at its edge."""
        return round(100 - 100 * min(seconds, self.top) / self.top, 2)

    @property
    def ticks(self) -> list[Tick]:
        count = round(self.top / self.interval)
        unit, size = ("h", 3600) if self.top > 7200 else ("min", 60) if self.top > 180 else ("s", 1)
        values = [self.interval * place for place in range(count + 1)]
        return [Tick(self.y(each), f"{_short(each / size)} {unit}") for each in values]


def _short(number: float) -> str:
    """Without zeros at its end, in the reader's language: "1.5", in German "1,5"."""
    text = f"{round(number, 2):g}"
    return number_format(text, len(text.partition(".")[2]))


def axis_for(figures: Sequence[Percentiles], of_all: Sequence[Percentiles]) -> Axis:
    """An axis for the figures of each day, scaled by those of all days together."""
    highest = max(each.p95 for each in figures)
    highest = min(highest, OUTLIER * max(each.p95 for each in of_all))
    interval = next((each for each in INTERVALS if highest <= MAX_INTERVALS * each), 0.0)
    if not interval:
        interval = 3600 * math.ceil(highest / 3600 / MAX_INTERVALS)
    return Axis(interval * max(1, math.ceil(highest / interval)), interval)


@dataclass(frozen=True)
class Mark:
    """A day with starts."""

    date: date
    figures: Percentiles
    # The middle of the day, and its left edge.
    x: float
    left: float
    p50: float
    p95: float
    is_over: bool
    # True if no line leads to it.
    is_alone: bool

    @property
    def text(self) -> str:
        count = self.figures.count
        text = ngettext(
            "%(day)s: median %(median)s, p95 %(p95)s, %(count)s start",
            "%(day)s: median %(median)s, p95 %(p95)s, %(count)s starts",
            count,
        )
        return text % {
            "day": dateformat.format(self.date, "D ") + day_in_words(self.date),
            "median": durations.measured(self.figures.p50),
            "p95": durations.measured(self.figures.p95),
            "count": count,
        }


@dataclass(frozen=True)
class Plot:
    """p50 as a line, the band up to p95, and a mark for each day."""

    marks: list[Mark]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    day_width: float
    # In pixels. Larger dots would hide a line over many days.
    dot: float

    @property
    def lines(self) -> list[str]:
        """Paths along p50, one for each stretch without a gap."""
        return [_path((mark.x, mark.p50) for mark in stretch) for stretch in self._stretches]

    @property
    def edges(self) -> list[str]:
        """Paths along p95."""
        return [_path((mark.x, mark.p95) for mark in stretch) for stretch in self._stretches]

    @property
    def bands(self) -> list[str]:
        """Closed paths, along p95 and back along p50."""
        return [
            _path(
                [(mark.x, mark.p95) for mark in stretch]
                + [(mark.x, mark.p50) for mark in reversed(stretch)]
            )
            + "Z"
            for stretch in self._stretches
        ]

    @property
    def _stretches(self) -> list[list[Mark]]:
        stretches: list[list[Mark]] = []
        for mark in self.marks:
            if stretches and mark.date - stretches[-1][-1].date <= BRIDGED:
                stretches[-1].append(mark)
            else:
                stretches.append([mark])
        return [stretch for stretch in stretches if len(stretch) > 1]


def plot(days: Sequence[tuple[date, Percentiles]], since: date, until: date, axis: Axis) -> Plot:
    """The chart of these days, which are in order and have at least one start each."""
    count = (until - since).days + 1
    width = 100 / count

    def left(day: date) -> float:
        return round((day - since).days * width, 3)

    def middle(day: date) -> float:
        return round(((day - since).days + 0.5) * width, 3)

    marks = [
        Mark(
            date=day,
            figures=figures,
            x=middle(day),
            left=left(day),
            p50=axis.y(figures.p50),
            p95=axis.y(figures.p95),
            is_over=figures.p95 > axis.top,
            is_alone=not any(timedelta(0) < abs(day - other) <= BRIDGED for other, _ in days),
        )
        for day, figures in days
    ]
    # At most four labels, counted back from the last day: more do not fit on a phone.
    labelled = [until - timedelta(days=back) for back in range(0, count, math.ceil(count / 4))]
    x_ticks = [Tick(middle(day), day_in_words(day)) for day in reversed(labelled)]
    dot = 3.5 if count <= 7 else 2.5 if count <= 31 else 1.5
    return Plot(marks, x_ticks, axis.ticks, round(width, 3), dot)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)

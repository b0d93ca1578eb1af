"""The page of start times: the duration of each step from start to ready workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.presenters import start_time_chart
from dashboard.presenters.engines.paused_starts import notice_context
from dashboard.presenters.start_time_chart import Plot
from operations import provisioners
from operations.start_times import statistics
from operations.start_times.statistics import (
    CONFIGURE,
    PROVISION,
    QUEUE,
    STEPS,
    TOTAL,
    Percentiles,
    StartTimeSummary,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

WEEKS = ("1", "4", "12")
OF: dict[str, "_StrOrPromise"] = {"": _("Tests and interviews"), "dry-runs": _("Dry runs")}
TITLES: dict[str, "_StrOrPromise"] = {
    QUEUE: _("Waiting for a worker"),
    PROVISION: _("Creating the workspace"),
    CONFIGURE: _("Waiting for it to respond"),
    TOTAL: _("Start to ready"),
}


@dataclass(frozen=True)
class Choice:
    """The selected engine and period, from the query string."""

    weeks: str
    engine: str
    of: str

    def address(self, **other: str) -> str:
        values = {"weeks": self.weeks, "engine": self.engine, "of": self.of} | other
        defaults = {"weeks": "4", "engine": settings.PROVISIONER, "of": ""}
        changed = {name: value for name, value in values.items() if value != defaults[name]}
        page = reverse("dashboard:start-times")
        return f"{page}?{urlencode(changed)}" if changed else page


@dataclass(frozen=True)
class Link:
    """One of several choices."""

    address: str
    text: str
    is_current: bool


@dataclass(frozen=True)
class Step:
    """A step, or all of them together: its figures, overall and per day."""

    name: str
    title: str
    figures: Percentiles
    plot: Plot


@dataclass(frozen=True)
class Part:
    """One step of a start, and its place in a bar, in percent of the longest bar."""

    name: str
    title: str
    seconds: float
    left: float
    width: float


@dataclass(frozen=True)
class Bar:
    """The steps of one start."""

    name: str
    title: str
    meaning: str
    seconds: float
    parts: list[Part]


@require_GET
@require_staff
def start_times(request: HttpRequest) -> HttpResponse:
    """The page, or for its own script the part of it that changes."""
    choice = _choice(request)
    has_dry_runs = statistics.provisioners_with_starts(dry_runs=True)
    engines = {*statistics.provisioners_with_starts(dry_runs=False), *has_dry_runs, choice.engine}
    summary = statistics.summarize_start_times(
        choice.engine, weeks=int(choice.weeks), dry_runs=choice.of == "dry-runs"
    )
    context = {
        "summary": summary,
        "period_weeks": int(choice.weeks),
        "since": summary.cut_at or summary.since,
        "is_dry_runs": bool(choice.of),
        "weeks": _links(choice, "weeks", {weeks: _weeks(int(weeks)) for weeks in WEEKS}),
        "ofs": _links(choice, "of", OF) if choice.of or choice.engine in has_dry_runs else [],
        "engines": _links(choice, "engine", {name: name for name in sorted(engines)}),
        "longest": choice.address(weeks="12") if choice.weeks != "12" else "",
        **notice_context(),
    }
    if summary.count:
        context |= _drawn(summary)
    is_fragment = bool(request.headers.get("HX-Request"))
    template = (
        "dashboard/start_times/_start_times.html"
        if is_fragment
        else "dashboard/start_times/start_times.html"
    )
    return render(request, template, context)


@require_GET
@require_staff
def paused(request: HttpRequest) -> HttpResponse:
    """The notice of paused starts, for a page that refreshes it."""
    return render(request, "dashboard/start_times/_paused_starts.html", notice_context())


def _choice(request: HttpRequest) -> Choice:
    """The selection in the query string.

    Raises:
        Http404: if it is not valid.
    """
    choice = Choice(
        weeks=request.GET.get("weeks", "4"),
        engine=request.GET.get("engine", settings.PROVISIONER),
        of=request.GET.get("of", ""),
    )
    if choice.weeks not in WEEKS:
        raise Http404("There is no such period.")
    if choice.engine not in provisioners.FACTORIES:
        raise Http404("There is no such engine.")
    if choice.of not in OF:
        raise Http404("There are no such starts.")
    return choice


def _weeks(number: int) -> str:
    return ngettext("%(number)s week", "%(number)s weeks", number) % {"number": number}


def _links(choice: Choice, name: str, texts: "Mapping[str, _StrOrPromise]") -> list[Link]:
    current = getattr(choice, name)
    return [
        Link(choice.address(**{name: value}), str(text), value == current)
        for value, text in texts.items()
    ]


def _drawn(summary: StartTimeSummary) -> dict[str, object]:
    # Steps share one scale, so that they can be compared by eye.
    of_steps = start_time_chart.axis_for(
        [day.steps[name] for day in summary.days for name in STEPS],
        [summary.steps[name] for name in STEPS],
    )
    of_total = start_time_chart.axis_for(
        [day.steps[TOTAL] for day in summary.days], [summary.steps[TOTAL]]
    )

    def step(name: str) -> Step:
        days = [(day.date, day.steps[name]) for day in summary.days]
        axis = of_total if name == TOTAL else of_steps
        plot = start_time_chart.plot(days, summary.since, summary.until, axis)
        return Step(name, str(TITLES[name]), summary.steps[name], plot)

    steps = [step(name) for name in STEPS]
    total = step(TOTAL)
    rows = [
        (day.date, day.steps[TOTAL].count, [day.steps[name] for name in (*STEPS, TOTAL)])
        for day in reversed(summary.days)
    ]
    return {
        "total": total,
        "steps": steps,
        "bars": _bars(summary),
        "day_rows": rows,
        "is_over": any(mark.is_over for each in (total, *steps) for mark in each.plot.marks),
    }


def _bars(summary: StartTimeSummary) -> list[Bar]:
    longest = max(sum(summary.usual.values()), sum(summary.slow.values())) or 1.0
    bars = []
    for name, title, meaning, seconds in (
        ("usual", _("Typical start"), _("around the median"), summary.usual),
        ("slow", _("Slow start"), _("around p95"), summary.slow),
    ):
        parts, left = [], 0.0
        for step in STEPS:
            width = 100 * seconds[step] / longest
            parts.append(
                Part(step, str(TITLES[step]), seconds[step], round(left, 2), round(width, 2))
            )
            left += width
        bars.append(Bar(name, str(title), str(meaning), sum(seconds.values()), parts))
    return bars

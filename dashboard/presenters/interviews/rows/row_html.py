"""The HTML of rows of lists: Jinja2 templates, and the functions that they call."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.filters import take_homes
from dashboard.presenters import durations
from dashboard.presenters.interviews.rows.row import Row
from dashboard.presenters.interviews.sittings import saved_files
from dashboard.presenters.reviews.page import outcome_label
from dashboard.templatetags import actions, reviews, times
from dashboard.url_templates import url_with_id
from interviews.models import Interview
from interviews.sittings import time_in_workspace
from operations.mail.formatting import format_planned_clock


def render_row(request: HttpRequest, template: str, row: Row) -> SafeString:
    """Render a Jinja2 template of a row, or of a part of it, for an interview's page."""
    return render_rows(request, template, [row])


def render_rows(request: HttpRequest, template: str, rows: Iterable[Row]) -> SafeString:
    """Render a Jinja2 template for each of these rows."""
    # Not by the engine's own `render`, which runs every context processor for each row.
    compiled = engines["jinja2"].env.get_template(template)  # type: ignore[attr-defined]
    context = compiled.new_context(
        {"request": request, "csrf_input": partial(_csrf_input, request)}
    )
    shown: list[str] = []
    for row in rows:
        # One context for all of them: to make it takes a tenth of a row's time. It forgets what
        # the template set for the row before.
        context.vars.clear()
        context.exported_vars.clear()
        context.parent |= {"row": row, "interview": row.interview}
        shown += compiled.root_render_func(context)
    # What Jinja2 has put together is escaped.
    return SafeString("".join(shown))


def _csrf_input(request: HttpRequest) -> SafeString:
    token = get_token(request)
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


def _interview_url(name: str, interview: Interview) -> str:
    return url_with_id(f"dashboard:{name}", interview.id)


def _comparison_url(interview: Interview) -> str:
    """The page that compares the challenge's candidates, or "" if no URL can have its id."""
    challenge = interview.challenge
    can_be_in_url = challenge and "/" not in challenge
    return url_with_id("dashboard:comparison", challenge) if can_be_in_url else ""


def _epoch(at: datetime | None) -> int | str:
    return "" if at is None else int(at.timestamp())


def _clock(at: datetime | None) -> str:
    return "" if at is None else date_format(at, "H:i")


def _took(interview: Interview) -> str:
    """How long the candidate had the workspace: "1 h 12 min", "40 s", or ""."""
    length = time_in_workspace(interview)
    return durations.minutes_rounded(length) if length is not None else ""


def _take_home_order(interview: Interview, request: HttpRequest) -> int | str:
    """The place of the row in the list as its page is sorted, for the script that inserts rows."""
    sort = request.GET.get("sort", "")
    return take_homes.order_of(interview, sort if sort in take_homes.SORT_LABELS else "")


def _history_order(interview: Interview, request: HttpRequest) -> int | str:
    """The same in the history, whose search results have the order of creation."""
    is_search = bool(request.GET.get("q", "").strip())
    return _epoch(interview.created_at if is_search else interview.completed_at)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "action_button": actions.action_button,
    "interview_url": _interview_url,
    "comparison_url": _comparison_url,
    "in_words": durations.minutes,
    "planned_clock": format_planned_clock,
    "short_time": times.short_time,
    "relative_time": times.relative_time,
    "epoch": _epoch,
    "clock": _clock,
    "take_home_order": _take_home_order,
    "expires_soon": take_homes.expires_soon,
    "history_order": _history_order,
    "took": _took,
    "saved_files": saved_files,
    "mean_score": reviews.mean_score,
    "outcome_label": outcome_label,
    "filesizeformat": filesizeformat,
}

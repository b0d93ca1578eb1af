"""A page of a list, or with HX-Request the part of it that changes; and a single row."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import findable
from dashboard.presenters.engines.paused_starts import notice_context
from dashboard.presenters.interviews.list_definitions import (
    HISTORY,
    LISTS,
    OPEN_TAKE_HOMES,
    ListDefinition,
    home_of,
)
from dashboard.presenters.interviews.rows.read import rows
from dashboard.presenters.interviews.rows.row_html import render_row
from dashboard.shortcuts import interview_or_404
from interviews import queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.events import settled_cursor
from interviews.pagination import cursors


def list_page(
    request: HttpRequest,
    tab: ListDefinition,
    template: str,
    offered: list[Challenge],
    *,
    status: int = 200,
    read: Callable[[str | None], queries.Page] | None = None,
    **context: Any,
) -> HttpResponse:
    """Render one page of a list.

    `template` is the whole page; it gets `context` as well. Challenges in `offered` need no lookup.
    `read` gives the page after a cursor in place of the list's own order.
    """
    cursor = request.GET.get("cursor") or None
    # Before the list is read: what changes meanwhile comes after it.
    event_cursor = "" if request.headers.get("HX-Request") else settled_cursor()
    try:
        page = read(cursor) if read is not None else queries.list_page(tab.key, cursor=cursor)
    except cursors.InvalidCursorError:
        return redirect(tab.url_name)
    listing = context.get("listing")
    context |= {
        "tab": tab,
        "next_url": listing.next_url(page.next) if listing is not None else "",
        "rows": rows(request, page.items, offered),
        "page": page,
        "cursor": cursor,
        "event_cursor": event_cursor,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, tab.list_template, context)
    return render(request, template, context | notice_context(), status=status)


@require_GET
@require_staff
def row(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The row on the list in `?tab=`, under the query string of that page.

    If the interview has left that list, a row that links to its new one.
    """
    tab = LISTS.get(request.GET.get("tab", OPEN_TAKE_HOMES.key))
    if tab is None:
        raise Http404("There is no such tab.")
    interview = interview_or_404(interview_id)
    if interview.type not in tab.types:
        raise Http404("There is no such interview on this tab.")
    shown = rows(request, [interview], with_scores=tab is HISTORY)[0]
    context = {"row": shown, "tab": tab, "home": home_of(interview)}
    is_found = findable(request, [interview], request.GET.get("q", ""))
    is_here = bool(is_found) and tab.contains(interview, request.GET)
    if is_here:
        return HttpResponse(render_row(request, tab.row_template, shown))
    return render(request, "dashboard/interviews/_row_left_list.html", context)

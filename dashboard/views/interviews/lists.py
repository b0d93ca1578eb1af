"""A page of a list, or with HX-Request the part of it that changes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dashboard.presenters.interview_row import rows
from dashboard.presenters.list_definitions import ListDefinition
from interviews import queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.pagination import cursors


def list_page(
    request: HttpRequest,
    tab: ListDefinition,
    template: str,
    offered: list[Challenge],
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Render one page of a list.

    `template` is the whole page; it gets `context` as well. Challenges in `offered` need no lookup.
    """
    cursor = request.GET.get("cursor") or None
    try:
        page = queries.page(tab.key, cursor=cursor)
    except cursors.InvalidCursorError:
        return redirect(tab.url_name)
    context |= {
        "tab": tab,
        "rows": rows(request, page.items, offered),
        "page": page,
        "cursor": cursor,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, tab.list_template, context)
    return render(request, template, context, status=status)

"""A page of one of the lists: the whole page, or with HX-Request the part of it that changes."""

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
    """`template` is the page's; it gets `context` besides what every list shows. `offered` spares a
    look at each challenge that is among them."""
    cursor = request.GET.get("cursor") or None
    try:
        page = queries.list_page(tab.key, cursor=cursor)
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
        return render(request, tab.list, context)
    return render(request, template, context, status=status)

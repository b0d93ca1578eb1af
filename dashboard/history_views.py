"""The History page: what ended, its search, and deleting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from dashboard import asking, asks, history_query
from dashboard.access import may, require, require_staff
from dashboard.history_query import HistoryQuery
from dashboard.narrowing import narrowed
from dashboard.roles import Permission
from dashboard.rows import rows
from dashboard.tabs import HISTORY
from interviews.dynamodb import now
from interviews.queries import BadCursor, Page


@require_GET
@require_staff
def history(request: HttpRequest) -> HttpResponse:
    """Wrong filters are said at their fields, and what was typed stays there."""
    asked = narrowed(request, HistoryQuery, HISTORY.url_name)
    query = asked.query
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    try:
        page = (
            Page([], None)
            if asked.errors
            else query.page(ended=query.over, cursor=asked.cursor, by_passcode=by_passcode)
        )
    except BadCursor:
        return redirect(asked.newest)
    context = asked.context(page.next) | {
        "tab": HISTORY,
        "rows": rows(request, page.items),
        "page": page,
        "types": history_query.TYPES,
        "statuses": history_query.STATUSES,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, HISTORY.list, context)
    status = 422 if asked.errors else 200
    return render(request, "dashboard/history.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> HttpResponse:
    return asking.answer(request, interview_id, asks.DELETE, home=HISTORY.url_name)

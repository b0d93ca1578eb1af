"""The History page: what ended, its search, and deleting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.filters import history as filters_history
from dashboard.filters.filtered_list import filtered_list
from dashboard.filters.history import HistoryQuery
from dashboard.permissions.decorators import may, require, require_staff
from dashboard.permissions.roles import Permission
from dashboard.presenters import confirmations
from dashboard.presenters.interview_row import rows
from dashboard.presenters.list_definitions import HISTORY
from dashboard.views.interviews import actions
from interviews.dynamodb import now
from interviews.pagination.cursors import InvalidCursorError
from interviews.queries import Page


@require_GET
@require_staff
def history(request: HttpRequest) -> HttpResponse:
    """Wrong filters are said at their fields, and what was typed stays there."""
    asked = filtered_list(request, HistoryQuery, HISTORY.url_name)
    query = asked.query
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    try:
        page = (
            Page([], None)
            if asked.errors
            else query.page(ended=query.over, cursor=asked.cursor, by_passcode=by_passcode)
        )
    except InvalidCursorError:
        return redirect(asked.newest)
    context = asked.context(page.next) | {
        "tab": HISTORY,
        "rows": rows(request, page.items),
        "page": page,
        "types": filters_history.TYPES,
        "statuses": filters_history.STATUSES,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, HISTORY.list, context)
    status = 422 if asked.errors else 200
    return render(request, "dashboard/history/list.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> HttpResponse:
    return actions.answer(request, interview_id, confirmations.DELETE, home=HISTORY.url_name)

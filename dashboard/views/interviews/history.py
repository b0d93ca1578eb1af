"""The History page: ended interviews, their search, and deletion."""

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
    """A page of the list. Invalid filters show an error at their field and keep their text."""
    listing = filtered_list(request, HistoryQuery, HISTORY.url_name)
    query = listing.query
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    try:
        page = (
            Page([], None)
            if listing.errors
            else query.page(ended=query.over, cursor=listing.cursor, by_passcode=by_passcode)
        )
    except InvalidCursorError:
        return redirect(listing.first_url)
    context = listing.context(page.next) | {
        "tab": HISTORY,
        "rows": rows(request, page.items),
        "page": page,
        "types": filters_history.TYPES,
        "statuses": filters_history.STATUSES,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, HISTORY.list_template, context)
    status = 422 if listing.errors else 200
    return render(request, "dashboard/history/list.html", context, status=status)


@require_http_methods(["GET", "POST"])
@require(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> HttpResponse:
    return actions.confirm_and_run(
        request, interview_id, confirmations.DELETE, home=HISTORY.url_name
    )

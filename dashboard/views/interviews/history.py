"""The History page: ended interviews, their search, their CSV file, and deletion."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.csv_download import csv_response
from dashboard.filters import history as filters_history
from dashboard.filters.filtered_list import filtered_list
from dashboard.filters.history import HistoryQuery
from dashboard.permissions.decorators import may, require, require_staff
from dashboard.permissions.reviewing import findable, shown, viewer_of
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews import confirmations
from dashboard.presenters.interviews.history_export import history_rows
from dashboard.presenters.interviews.list_definitions import HISTORY
from dashboard.presenters.interviews.rows.read import rows
from dashboard.views.interviews import actions
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.pagination.cursors import InvalidCursorError
from interviews.queries import Page
from operations import audit
from operations.audit import AuditAction


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
        "rows": rows(request, findable(request, page.items, query.q), with_scores=True),
        "page": page,
        "types": filters_history.TYPES,
        "statuses": filters_history.STATUSES,
        "decisions": filters_history.DECISIONS,
        "file": f"{reverse('dashboard:history-file')}?{urlencode(listing.filter_params)}",
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, HISTORY.list_template, context)
    status = 422 if listing.errors else 200
    return render(request, "dashboard/history/list.html", context, status=status)


@require_GET
@require_staff
def history_file(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as a CSV file, or the page with the errors of its filters."""
    query, errors = HistoryQuery.read(request.GET)
    if errors:
        return redirect(f"{reverse(HISTORY.url_name)}?{request.GET.urlencode()}")
    audit.record(AuditAction.EXPORTED_HISTORY)
    rows_of_all = history_rows(_all_found(request, query), viewer_of(request))
    return csv_response(request, "history.csv", rows_of_all)


def _all_found(request: HttpRequest, query: HistoryQuery) -> Iterator[Interview]:
    """The interviews of every page of the list, read page by page."""
    by_passcode = may(request, Permission.SEE_CREDENTIALS)
    cursor = None
    while True:
        page = query.page(ended=query.over, cursor=cursor, by_passcode=by_passcode)
        yield from shown(request, findable(request, page.items, query.q))
        cursor = page.next
        if cursor is None:
            break


@require_http_methods(["GET", "POST"])
@require(Permission.DELETE)
def delete(request: HttpRequest, interview_id: str) -> HttpResponse:
    return actions.confirm_and_run(
        request, interview_id, confirmations.DELETE, home=HISTORY.url_name
    )

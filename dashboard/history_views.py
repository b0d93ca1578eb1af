"""The History page: what ended, its search, and deleting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from dashboard import audit, history_query
from dashboard.access import interview_or_404, may, require, require_staff, username
from dashboard.answers import changed
from dashboard.asks import Words, noun_of
from dashboard.history_query import HistoryQuery
from dashboard.narrowing import narrowed
from dashboard.roles import Permission
from dashboard.rows import rows
from dashboard.tabs import HISTORY
from interviews.models import Interview, LostRace
from interviews.queries import BadCursor, Page
from interviews.tables import now
from operations import deletion
from operations.refusals import LOST_RACE, WrongState


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
    """GET: the question. POST: delete it; 409 with a sentence if it cannot be."""
    interview = interview_or_404(interview_id)
    words = _words(interview)
    context: dict[str, object] = {"interview": interview, "tone": "danger", "words": words}
    if request.method == "GET":
        return render(request, "dashboard/_ask.html", context)
    try:
        deletion.delete(interview, by=username(request))
    except WrongState as error:
        context["refused"] = str(error)
    except LostRace:
        context["refused"] = LOST_RACE
    else:
        audit.record(request, "deleted", interview.id)
        if not request.headers.get("HX-Request"):
            return redirect(HISTORY.url_name)
        return changed(HttpResponse(status=204), interview.id, words.done)
    return render(request, "dashboard/_ask.html", context, status=409)


def _words(interview: Interview) -> Words:
    noun = noun_of(interview)
    saved = "the saved files, " if interview.history_s3_key or interview.earlier_archives else ""
    return Words(
        f"Delete this {noun} for good?",
        f"All that is known of it is deleted: {saved}the log, and its line in the history. "
        "The candidate's link will be unknown. This cannot be undone.",
        "Delete for good",
        f"The {noun} was deleted.",
        keep="Keep it",
    )

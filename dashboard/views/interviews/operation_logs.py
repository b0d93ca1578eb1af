"""An interview's operations with their logs, and the new lines of one operation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import shown_one
from dashboard.presenters.operation_logs import LINES, log_context
from dashboard.shortcuts import interview_or_404, operation_or_404
from operations import operation_log


@require_GET
@require_staff
def logs(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Every operation of the interview, oldest first like its lines."""
    return render(
        request,
        "dashboard/operation_logs/_dialog.html",
        log_context(shown_one(request, interview_or_404(interview_id))),
    )


@require_GET
@require_staff
def lines(request: HttpRequest, operation_id: str) -> HttpResponse:
    """The lines after `?after=<seq>`, at most 500."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 20):
        raise Http404("There is no such line.")
    operation = operation_or_404(operation_id)
    new_lines = operation_log.read_lines(operation.id, after=int(after), limit=LINES)
    return render(request, "dashboard/operation_logs/_lines.html", {"lines": new_lines})

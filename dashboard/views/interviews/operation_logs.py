"""What was done for an interview: each operation with its steps and its log, and what is new."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require_staff
from dashboard.presenters.operation_logs import LINES, Section
from dashboard.shortcuts import interview_or_404, operation_or_404
from interviews.models import Interview
from operations import models, operation_log

# Of so many operations the lines come at once; those of older ones when they are opened.
UNFOLDED = 3


@require_GET
@require_staff
def logs(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Every operation of the interview, oldest first, as one reads a log."""
    return render(request, "dashboard/_logs.html", log_context(interview_or_404(interview_id)))


@require_GET
@require_staff
def lines(request: HttpRequest, operation_id: str) -> HttpResponse:
    """The lines after `?after=<seq>`, 500 at most."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 20):
        raise Http404("There is no such line.")
    operation = operation_or_404(operation_id)
    found = operation_log.read_lines(operation.id, after=int(after), limit=LINES)
    return render(request, "dashboard/_lines.html", {"lines": found})


def log_context(interview: Interview) -> dict[str, object]:
    """What _log.html shows, in the dialog and on the interview's page."""
    newest_first = models.list_operations(interview.id)
    sections = [
        Section(
            operation,
            is_open=place < UNFOLDED,
            lines=operation_log.read_lines(operation.id, limit=LINES) if place < UNFOLDED else [],
        )
        for place, operation in enumerate(newest_first)
    ]
    return {"interview": interview, "sections": sections[::-1], "page_size": LINES}

"""The operation log of a test: what the modal shows, and the lines that came since."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboard.access import operation_or_404, require_staff, take_home_or_404
from operations import models
from operations.models import Operation, OperationLog

# Lines per answer. The page asks again after a full one.
LINES = 500
# Of so many operations the lines come at once; those of older ones when they are opened.
UNFOLDED = 3
TITLES = {
    models.Type.CREATE: "Start the workspace",
    models.Type.RESTART: "Start the workspace again",
    models.Type.DESTROY: "End and tear down",
}


@dataclass(frozen=True)
class Section:
    """One operation in the log."""

    operation: Operation
    is_open: bool
    lines: list[OperationLog]

    @property
    def title(self) -> str:
        return TITLES[models.Type(self.operation.type)]


@require_GET
@require_staff
def logs(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Every operation of the test, oldest first, as one reads a log."""
    interview = take_home_or_404(interview_id)
    newest_first = models.of_interview(interview.id)
    sections = [
        Section(
            operation,
            is_open=place < UNFOLDED,
            lines=models.logs(operation.id, limit=LINES) if place < UNFOLDED else [],
        )
        for place, operation in enumerate(newest_first)
    ]
    context = {"interview": interview, "sections": sections[::-1], "page_size": LINES}
    return render(request, "dashboard/_logs.html", context)


@require_GET
@require_staff
def lines(request: HttpRequest, operation_id: str) -> HttpResponse:
    """The lines after `?after=<seq>`, 500 at most."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 20):
        raise Http404("There is no such line.")
    operation = operation_or_404(operation_id)
    found = models.logs(operation.id, after=int(after), limit=LINES)
    return render(request, "dashboard/_lines.html", {"lines": found})

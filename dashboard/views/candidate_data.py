"""The page that shows, exports and deletes what is stored about a candidate.

The address is only ever in the body of a request, because URLs are logged.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.forms.candidate_data import CandidateForm
from dashboard.permissions.decorators import require, username
from dashboard.permissions.reviewing import viewer_of
from dashboard.permissions.roles import Permission
from dashboard.presenters.deletion import deleted_parts
from dashboard.presenters.interviews.rows.read import rows
from dashboard.shortcuts import interview_or_404
from operations.archives.download import stream_download
from operations.candidate_data import deletion, export, selection
from operations.candidate_data.deletion import Deletion
from operations.candidate_data.selection import Candidate


@require_http_methods(["GET", "POST"])
@require(Permission.DELETE)
def candidate_data(request: HttpRequest) -> HttpResponse:
    """GET: the form, or the candidate of `interview`. POST: the candidate with this `email`."""
    if request.method == "GET" and "interview" not in request.GET:
        return _page(request, CandidateForm(label_suffix=""))
    interview_id = request.GET.get("interview")
    form = CandidateForm(request.POST if interview_id is None else None, label_suffix="")
    if interview_id is None and not form.is_valid():
        return _page(request, form, status=422)
    return _page(request, form, _find(interview_id, request.POST.get("email", "")))


@require_POST
@require(Permission.DELETE)
def export_data(request: HttpRequest) -> HttpResponseBase:
    candidate = _posted_candidate(request)
    if candidate is None:
        return redirect("dashboard:candidate-data")
    chunks = export.export_candidate(candidate, viewer_of(request))
    return stream_download(request, chunks, export.FILE_NAME, "application/zip")


@require_POST
@require(Permission.DELETE)
def delete_data(request: HttpRequest) -> HttpResponse:
    """Delete, and show what was done and what is left."""
    candidate = _posted_candidate(request)
    if candidate is None:
        return redirect("dashboard:candidate-data")
    result = deletion.delete_candidate(
        candidate, by=username(request), end_running="end_running" in request.POST
    )
    left = None if result.is_complete else _remaining(request, candidate)
    return _page(request, CandidateForm(label_suffix=""), left, result)


def _posted_candidate(request: HttpRequest) -> Candidate | None:
    interview_id, email = request.POST.get("interview"), request.POST.get("email", "").strip()
    return _find(interview_id or None, email) if interview_id or email else None


def _remaining(request: HttpRequest, candidate: Candidate) -> Candidate | None:
    """The candidate as it is now; None if all interviews are gone meanwhile."""
    if candidate.email:
        return selection.find_by_email(candidate.email)
    return _posted_candidate(request)


def _find(interview_id: str | None, email: str) -> Candidate:
    if interview_id is not None:
        return selection.find_by_interview(interview_or_404(interview_id))
    return selection.find_by_email(email)


def _page(
    request: HttpRequest,
    form: CandidateForm,
    candidate: Candidate | None = None,
    result: Deletion | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, object] = {"form": form, "candidate": candidate, "result": result}
    if candidate is not None:
        inventory = candidate.inventory()
        context |= {
            "inventory": inventory,
            "parts": deleted_parts(inventory),
            "rows": rows(request, candidate.interviews),
        }
    return render(request, "dashboard/candidate_data/page.html", context, status=status)

"""The page of one interview, which its own fragment keeps up to date."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from dashboard.permissions.decorators import require, require_staff
from dashboard.permissions.reviewing import is_name_hidden, shown_one
from dashboard.permissions.roles import Permission
from dashboard.presenters.checks import interview_checks
from dashboard.presenters.interviews.detail import InterviewDetail
from dashboard.presenters.interviews.list_definitions import home_of
from dashboard.presenters.interviews.rows.read import rows
from dashboard.presenters.operation_logs import log_context
from dashboard.presenters.reviews.page import interview_reviews
from dashboard.shortcuts import interview_or_404
from dashboard.views.audit_log import audit_context
from dashboard.views.interviews.emails.emails import mail_context
from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import audit, workspace_sign_in


@require_GET
@require_staff
def interview(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The page, or with HX-Request the part that changes, without the log."""
    try:
        interview = interview_or_404(interview_id)
    except Http404:
        if request.headers.get("HX-Request"):
            raise
        return render(request, "dashboard/interview/gone.html", status=404)
    interview = shown_one(request, interview)
    context: dict[str, object] = {
        "interview": interview,
        "home": home_of(interview),
        "sheet": InterviewDetail(interview, rows(request, [interview])[0]),
        "checks": interview_checks(interview),
        "reviews": interview_reviews(request, interview),
        "now_ms": int(now().timestamp() * 1000),
    } | mail_context(interview, hides_name=is_name_hidden(request, interview))
    context |= audit_context(request, interview)
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/interview/_detail.html", context)
    return render(request, "dashboard/interview/detail.html", context | log_context(interview))


@require_GET
@require(Permission.SEE_CREDENTIALS)
def open_workspace(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Sign in to the workspace. While there is none, the interview's page says why."""
    interview = interview_or_404(interview_id)
    response = None
    if interview.state is Status.ACTIVE:
        response = workspace_sign_in.open_workspace(request, interview)
    if response is None:
        return redirect("dashboard:interview", interview.id)
    audit.record_credentials_shown([interview.id])
    return response

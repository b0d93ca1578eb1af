"""The practice workspace on the candidate's page. Its state is a part of that page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from candidate_portal.access import candidate_page
from candidate_portal.views import page_name_of, run_action
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, practice, workspace_sign_in


@require_POST
@candidate_page
def start(request: HttpRequest, interview: Interview) -> HttpResponse:
    return run_action(request, interview, actions.start_practice)


@require_POST
@candidate_page
def end(request: HttpRequest, interview: Interview) -> HttpResponse:
    return run_action(request, interview, actions.end_practice)


@require_safe
@candidate_page
def open_(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Sign in to the practice workspace. While there is none, the candidate's page says why."""
    response = None
    if practice.is_offered(interview):
        running = [each for each in practice.practices_of(interview.id) if _is_running(each)]
        response = workspace_sign_in.open_workspace(request, running[-1]) if running else None
    return response or redirect(page_name_of(interview), passcode=interview.passcode)


def _is_running(row: Interview) -> bool:
    return row.state is Status.ACTIVE

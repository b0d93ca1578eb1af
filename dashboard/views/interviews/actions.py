"""Actions on an interview: confirm, then run."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.htmx import changed
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews import confirmations
from dashboard.presenters.interviews.confirmation import ConfirmedAction
from dashboard.presenters.interviews.notify import notify_context
from dashboard.shortcuts import interview_or_404
from dashboard.views.interviews.emails import email_preview
from interviews.models import Interview, StaleWriteError
from operations.actions.email_previews import preview_withdrawal
from operations.exceptions import CONFLICT_MESSAGE, WrongStateError


def confirm_and_run(
    request: HttpRequest, interview_id: str, action: ConfirmedAction, *, home: str = ""
) -> HttpResponse:
    """GET: the confirmation dialog for the interview's status.

    POST: run the action, or 409 with the reason. With `preview`, show its email instead.

    `home` names the view to redirect to without scripts.
    """
    interview = interview_or_404(interview_id)
    if email_preview.is_asked(request):
        return _preview(request, interview, action)
    confirmation = action.confirmation(interview)
    context: dict[str, object] = {
        "interview": interview,
        "tone": action.tone,
        "confirmation": confirmation,
    }
    if action.notifies or confirmation.asks_to_withdraw:
        context |= notify_context(interview)
    if request.method == "GET":
        context["deletes"] = action.deletes(interview) if action.deletes is not None else []
        return render(request, "dashboard/interviews/_confirmation.html", context)
    try:
        choices = {"notify": "notify" in request.POST} if action.notifies else {}
        action.run(interview, username(request), **choices)
    except WrongStateError as error:
        context["refused"] = str(error)
    except StaleWriteError:
        context["refused"] = CONFLICT_MESSAGE
    else:
        if home and not request.headers.get("HX-Request"):
            return redirect(home)
        return changed(HttpResponse(status=204), interview.id, confirmation.done_message)
    return render(request, "dashboard/interviews/_confirmation.html", context, status=409)


def _preview(request: HttpRequest, interview: Interview, action: ConfirmedAction) -> HttpResponse:
    is_told = action.notifies and "notify" in request.POST
    draw = partial(preview_withdrawal, interview, by=username(request))
    return email_preview.show(request, draw, notify=is_told)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def revoke(request: HttpRequest, interview_id: str) -> HttpResponse:
    return confirm_and_run(request, interview_id, confirmations.REVOKE)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def end(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Stop it now. With `after=withdraw` the candidate cannot come back."""
    is_withdrawn = request.method == "POST" and request.POST.get("after") == "withdraw"
    action = confirmations.REVOKE if is_withdrawn else confirmations.END
    return confirm_and_run(request, interview_id, action)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def end_without_saving(request: HttpRequest, interview_id: str) -> HttpResponse:
    return confirm_and_run(request, interview_id, confirmations.END_WITHOUT_SAVING)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def retry(request: HttpRequest, interview_id: str) -> HttpResponse:
    return confirm_and_run(request, interview_id, confirmations.RETRY)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def move_up(request: HttpRequest, interview_id: str) -> HttpResponse:
    return confirm_and_run(request, interview_id, confirmations.MOVE_UP)

"""The Take-Home Tests tab, a single row of any list, and the actions of a row."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.forms.invitations import InviteForm
from dashboard.permissions.decorators import require, require_staff
from dashboard.permissions.roles import Permission
from dashboard.presenters import confirmations
from dashboard.presenters.interview_row import rows
from dashboard.presenters.list_definitions import HISTORY, LISTS, OPEN_TAKE_HOMES, home_of
from dashboard.shortcuts import interview_or_404
from dashboard.views.interviews import actions as interviews_actions
from dashboard.views.interviews import invitation_form
from dashboard.views.interviews.lists import list_page
from interviews.challenges import library
from interviews.models import TAKE_HOME
from operations import actions


@require_GET
@require_staff
def take_homes(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


@require_GET
@require_staff
def take_homes_ended(request: HttpRequest) -> HttpResponse:
    """The former address of ended tests, now part of the history."""
    return redirect(f"{reverse(HISTORY.url_name)}?type={TAKE_HOME}")


@require_GET
@require_staff
def row(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The row on the list in `?tab=`, under the query string of that page.

    If the interview has left that list, a row that links to its new one.
    """
    tab = LISTS.get(request.GET.get("tab", OPEN_TAKE_HOMES.key))
    if tab is None:
        raise Http404("There is no such tab.")
    interview = interview_or_404(interview_id)
    if interview.type not in tab.types:
        raise Http404("There is no such interview on this tab.")
    context = {"row": rows(request, [interview])[0], "tab": tab, "home": home_of(interview)}
    is_here = tab.contains(interview, request.GET)
    return render(
        request,
        tab.row_template if is_here else "dashboard/interviews/_row_left_list.html",
        context,
    )


@require_POST
@require(Permission.INVITE)
def invite(request: HttpRequest) -> HttpResponse:
    return invitation_form.submit(
        request,
        InviteForm(library.active(), request.POST),
        actions.invite,
        what="invited",
        tab=OPEN_TAKE_HOMES,
        again="dashboard/take_homes/_invite_form.html",
        done="dashboard/take_homes/_invited.html",
        page=_list_page,
    )


@require_GET
@require(Permission.INVITE)
def invite_form(request: HttpRequest) -> HttpResponse:
    """An empty form, after one was submitted."""
    return render(
        request, "dashboard/take_homes/_invite_form.html", {"form": InviteForm(library.active())}
    )


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def revoke(request: HttpRequest, interview_id: str) -> HttpResponse:
    return interviews_actions.confirm_and_run(request, interview_id, confirmations.REVOKE)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def end(request: HttpRequest, interview_id: str) -> HttpResponse:
    return interviews_actions.confirm_and_run(request, interview_id, confirmations.END)


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def end_without_saving(request: HttpRequest, interview_id: str) -> HttpResponse:
    return interviews_actions.confirm_and_run(
        request, interview_id, confirmations.END_WITHOUT_SAVING
    )


@require_http_methods(["GET", "POST"])
@require(Permission.MANAGE)
def retry(request: HttpRequest, interview_id: str) -> HttpResponse:
    return interviews_actions.confirm_and_run(request, interview_id, confirmations.RETRY)


def _list_page(request: HttpRequest, form: InviteForm | None = None) -> HttpResponse:
    offered = library.active()
    return list_page(
        request,
        OPEN_TAKE_HOMES,
        "dashboard/take_homes/list.html",
        offered,
        status=422 if form is not None else 200,
        form=form or InviteForm(offered),
    )

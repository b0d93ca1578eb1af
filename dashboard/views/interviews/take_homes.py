"""The Take-Home Tests tab, and the form that invites a candidate."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard.forms.invitations import InviteForm
from dashboard.permissions.decorators import require, require_staff
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.list_definitions import HISTORY, OPEN_TAKE_HOMES
from dashboard.views.interviews import invitation_form
from dashboard.views.interviews.lists import list_page
from interviews.attributes import TAKE_HOME
from interviews.challenges import library
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


@require_POST
@require(Permission.INVITE)
def invite(request: HttpRequest) -> HttpResponse:
    return invitation_form.submit(
        request,
        InviteForm(library.active_challenges(), request.POST),
        actions.invite,
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
        request,
        "dashboard/take_homes/_invite_form.html",
        {"form": InviteForm(library.active_challenges())},
    )


def _list_page(request: HttpRequest, form: InviteForm | None = None) -> HttpResponse:
    offered = library.active_challenges()
    return list_page(
        request,
        OPEN_TAKE_HOMES,
        "dashboard/take_homes/list.html",
        offered,
        status=422 if form is not None else 200,
        form=form or InviteForm(offered),
    )

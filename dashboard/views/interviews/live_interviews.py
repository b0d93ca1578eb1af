"""The list of open live interviews, and the form that creates a live interview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from dashboard.forms.live_interviews import LiveForm
from dashboard.forms.local_times import offered_zones
from dashboard.permissions.decorators import require, require_staff
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.list_definitions import CURRENT
from dashboard.presenters.interviews.sections import Section
from dashboard.views.interviews import invitation_form
from dashboard.views.interviews.lists import list_page
from interviews.challenges import library
from interviews.pagination import by_start
from operations import actions


@require_GET
@require_staff
def live(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


@require_POST
@require(Permission.INVITE)
def create(request: HttpRequest) -> HttpResponse:
    return invitation_form.submit(
        request,
        LiveForm(library.active_challenges(), request.POST),
        actions.schedule_live,
        tab=CURRENT,
        again="dashboard/live_interviews/_create_form.html",
        done="dashboard/live_interviews/_created.html",
        page=_list_page,
    )


@require_GET
@require(Permission.INVITE)
def form(request: HttpRequest) -> HttpResponse:
    """An empty form, after one was submitted."""
    context = {"form": LiveForm(library.active_challenges())}
    return render(request, "dashboard/live_interviews/_create_form.html", context)


def _list_page(request: HttpRequest, form: LiveForm | None = None) -> HttpResponse:
    offered = library.active_challenges()
    return list_page(
        request,
        CURRENT,
        "dashboard/live_interviews/list.html",
        offered,
        status=422 if form is not None else 200,
        read=lambda cursor: by_start.live_page(cursor=cursor),
        form=form or LiveForm(offered),
        zones=offered_zones(),
        sections=[section.value for section in Section],
    )

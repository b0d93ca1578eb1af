"""The Current Interviews tab, and the form that creates a live interview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dashboard import audit
from dashboard.access import require, require_staff, username
from dashboard.answers import changed
from dashboard.lists import list_page
from dashboard.live_forms import LiveForm, offered_zones
from dashboard.roles import Permission
from dashboard.rows import rows
from dashboard.tabs import CURRENT
from interviews import challenges
from operations import actions


@require_GET
@require_staff
def live(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@require(Permission.INVITE)
def create(request: HttpRequest) -> HttpResponse:
    """Without scripts the answer is a whole page; with them it is what the dialog shows next."""
    offered = challenges.active()
    form = LiveForm(offered, request.POST)
    if form.is_valid():
        try:
            interview = actions.schedule_live(form.invitation, by=username(request))
        except actions.InvalidInput as error:
            form.add_error(error.field, error.message)
        else:
            audit.record(request, "scheduled", interview.id)
            if not request.headers.get("HX-Request"):
                return redirect(CURRENT.url_name)
            context = {
                "row": rows(request, [interview], offered)[0],
                "mailed": form.invitation.send_email,
            }
            return changed(render(request, "dashboard/_live_created.html", context), interview.id)
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/_live_form.html", {"form": form}, status=422)
    return _page(request, form)


@require_GET
@require(Permission.INVITE)
def form(request: HttpRequest) -> HttpResponse:
    """An empty form, after one that was sent."""
    context = {"form": LiveForm(challenges.active())}
    return render(request, "dashboard/_live_form.html", context)


def _page(request: HttpRequest, form: LiveForm | None = None) -> HttpResponse:
    offered = challenges.active()
    return list_page(
        request,
        CURRENT,
        "dashboard/live.html",
        offered,
        status=422 if form is not None else 200,
        form=form or LiveForm(offered),
        zones=offered_zones(),
    )

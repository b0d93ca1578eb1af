"""The page of workspaces: who waits in line for one, and those that no interview needs.

Administrators end one now, or keep it.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.permissions.decorators import may, require, require_staff, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.engines.lines import line_views
from dashboard.presenters.engines.machines import engine_machines
from dashboard.shortcuts import orphan_or_404
from operations.exceptions import WrongStateError
from operations.practice import is_practice_name
from operations.reaper import actions
from operations.reaper.models import (
    EngineLook,
    Orphan,
    OrphanReason,
    engines_needing_confirmation,
    open_orphans,
)

# Most ended workspaces on the page.
NEWEST = 50


@dataclass(frozen=True)
class Line:
    """A running workspace.

    `is_by_hand` is set if too many of its engine's workspaces have no owner.
    """

    orphan: Orphan
    is_by_hand: bool

    @property
    def is_practice(self) -> bool:
        """True of a candidate's practice workspace, which has nothing to save."""
        return is_practice_name(self.orphan.name)


@require_GET
@require_staff
def workspaces(request: HttpRequest) -> HttpResponse:
    """The page, or for its own script the part of it that changes."""
    return _list_page(request)


@require_http_methods(["GET", "POST"])
@require(Permission.ADMINISTER)
def end(request: HttpRequest, orphan_id: int) -> HttpResponse:
    """GET: the confirmation page. POST: end the workspace now.

    `files=lose` gives up on files that cannot be saved.
    """
    orphan = orphan_or_404(orphan_id)
    if request.method == "GET":
        return render(request, "dashboard/workspaces/end.html", {"orphan": orphan})
    save = request.POST.get("files") != "lose"
    try:
        actions.end_orphan_now(orphan, by=username(request), save=save)
    except WrongStateError as error:
        return _list_page(request, refused=str(error))
    messages.success(request, _("%(name)s is shutting down.") % {"name": orphan.name})
    return redirect("dashboard:workspaces")


@require_POST
@require(Permission.ADMINISTER)
def keep(request: HttpRequest, orphan_id: int) -> HttpResponse:
    orphan = orphan_or_404(orphan_id)
    try:
        actions.keep_orphan(orphan, by=username(request))
    except WrongStateError as error:
        return _list_page(request, refused=str(error))
    messages.success(request, _("%(name)s is kept for a day from now.") % {"name": orphan.name})
    return redirect("dashboard:workspaces")


def _list_page(request: HttpRequest, refused: str = "") -> HttpResponse:
    by_hand = engines_needing_confirmation()
    context = {
        "engine_lines": line_views(request),
        "lines": [
            Line(
                each,
                each.why == OrphanReason.UNKNOWN_INTERVIEW
                and each.engine in by_hand
                and not each.ended_by,
            )
            for each in open_orphans()
        ],
        "ended": Orphan.objects.exclude(ended_at=None).order_by("-ended_at", "-pk")[:NEWEST],
        "engine_machines": engine_machines(),
        "looks": EngineLook.objects.order_by("engine"),
        "by_hand": sorted(by_hand),
        "may_end": may(request, Permission.ADMINISTER),
        "refused": refused,
    }
    part = "_" if request.headers.get("HX-Request") else ""
    template = f"dashboard/workspaces/{part}list.html"
    return render(request, template, context, status=409 if refused else 200)

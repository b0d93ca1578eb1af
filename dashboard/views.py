"""The Take-Home Tests tab: list, one row, invite, and what is done to a test."""

import json
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import asks
from dashboard.access import require_staff, take_home_or_404, username
from dashboard.asks import Ask
from dashboard.forms import InviteForm
from dashboard.rows import link_of, rows
from interviews import challenges, queries
from interviews.models import LostRace
from interviews.tables import now
from operations import actions


@dataclass(frozen=True)
class Tab:
    """One list of take-home tests: its key in the table, its address, its words."""

    key: str
    url_name: str
    title: str


OPEN = Tab("take-home", "dashboard:take-homes", "Open")
ENDED = Tab("take-home-ended", "dashboard:take-homes-ended", "Ended")
TABS = {tab.key: tab for tab in (OPEN, ENDED)}


@require_GET
@require_staff
def take_homes(request: HttpRequest) -> HttpResponse:
    return _list(request, OPEN)


@require_GET
@require_staff
def take_homes_ended(request: HttpRequest) -> HttpResponse:
    return _list(request, ENDED)


@require_GET
@require_staff
def row(request: HttpRequest, interview_id: str) -> HttpResponse:
    """The row as the tab in `?tab=` shows it now, or a sentence on where it went."""
    tab = TABS.get(request.GET.get("tab", OPEN.key))
    if tab is None:
        raise Http404("There is no such tab.")
    interview = take_home_or_404(interview_id)
    context = {"row": rows(request, [interview])[0], "tab": tab, "ended": ENDED}
    is_here = interview.tab == tab.key
    return render(request, "dashboard/_row.html" if is_here else "dashboard/_left.html", context)


@require_POST
@require_staff
def invite(request: HttpRequest) -> HttpResponse:
    """Without scripts the answer is a whole page; with them it is what the dialog shows next."""
    offered = challenges.active()
    form = InviteForm(offered, request.POST)
    if form.is_valid():
        try:
            interview = actions.invite(form.invitation, by=username(request))
        except actions.InvalidInput as error:
            form.add_error(error.field, error.message)
        else:
            if not request.headers.get("HX-Request"):
                return redirect(OPEN.url_name)
            link = link_of(request, interview)
            context = {"interview": interview, "link": link}
            return _changed(render(request, "dashboard/_invited.html", context), interview.id)
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/_invite.html", {"form": form}, status=422)
    return _list(request, OPEN, form)


@require_GET
@require_staff
def invite_form(request: HttpRequest) -> HttpResponse:
    """An empty form, after one that was sent."""
    return render(request, "dashboard/_invite.html", {"form": InviteForm(challenges.active())})


@require_http_methods(["GET", "POST"])
@require_staff
def revoke(request: HttpRequest, interview_id: str) -> HttpResponse:
    return _ask(request, interview_id, asks.REVOKE)


@require_http_methods(["GET", "POST"])
@require_staff
def end(request: HttpRequest, interview_id: str) -> HttpResponse:
    return _ask(request, interview_id, asks.END)


@require_http_methods(["GET", "POST"])
@require_staff
def end_without_saving(request: HttpRequest, interview_id: str) -> HttpResponse:
    return _ask(request, interview_id, asks.END_WITHOUT_SAVING)


@require_http_methods(["GET", "POST"])
@require_staff
def retry(request: HttpRequest, interview_id: str) -> HttpResponse:
    return _ask(request, interview_id, asks.RETRY)


def _list(request: HttpRequest, tab: Tab, form: InviteForm | None = None) -> HttpResponse:
    cursor = request.GET.get("cursor") or None
    try:
        page = queries.page(tab.key, cursor=cursor)
    except queries.BadCursor:
        return redirect(tab.url_name)
    offered = challenges.active()
    context = {
        "tab": tab,
        "tabs": TABS.values(),
        "rows": rows(request, page.items, offered),
        "page": page,
        "cursor": cursor,
        "now_ms": int(now().timestamp() * 1000),
    }
    if request.headers.get("HX-Request"):
        return render(request, "dashboard/_list.html", context)
    context["form"] = form or InviteForm(offered)
    status = 422 if form is not None else 200
    return render(request, "dashboard/take_homes.html", context, status=status)


def _ask(request: HttpRequest, interview_id: str, ask: Ask) -> HttpResponse:
    """GET: the question, as it fits the state. POST: do it; 409 with a sentence if it cannot be."""
    interview = take_home_or_404(interview_id)
    context: dict[str, object] = {"interview": interview, "ask": ask}
    if request.method == "GET":
        context["text"] = ask.text(interview)
        return render(request, "dashboard/_ask.html", context)
    try:
        ask.do(interview, username(request))
    except actions.WrongState as error:
        context["refused"] = str(error)
    except LostRace:
        context["refused"] = "Somebody else changed it in this moment. Please look again."
    else:
        return _changed(HttpResponse(status=204), interview.id, ask.done)
    return render(request, "dashboard/_ask.html", context, status=409)


def _changed(response: HttpResponse, interview_id: str, done: str = "") -> HttpResponse:
    """Tell the page which asked to look at this row now, also while no event can come."""
    detail = {"interviewId": interview_id, "done": done}
    response.headers["HX-Trigger"] = json.dumps({"interview-changed": detail})
    return response

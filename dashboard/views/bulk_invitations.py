"""Invitations from a file: it is uploaded, looked at, chosen from; and what became of it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import audit
from dashboard.forms.bulk_invitations import UploadForm, numbers
from dashboard.forms.live_interviews import offered_zones
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.bulk_invitation_export import result_rows
from dashboard.shortcuts import batch_or_404
from interviews.challenges import library
from operations.bulk_import import csv_file, service
from operations.bulk_import.columns import EXAMPLE, TEMPLATE
from operations.bulk_import.models import (
    CHOOSABLE,
    Batch,
    BatchRow,
    RowStatus,
)
from operations.exceptions import InvalidInputError
from operations.mail.models import Message

ON_A_PAGE = 100
SHOWN = 30
ALL, TICKED = "all", "ticked"


@dataclass(frozen=True)
class Line:
    """A row as the page shows it; `message`: the e-mail to its candidate, if there is one."""

    row: BatchRow
    challenge_name: str
    message: Message | None

    @property
    def can_choose(self) -> bool:
        return self.row.is_good


@require_http_methods(["GET", "POST"])
@require(Permission.INVITE)
def invitations(request: HttpRequest) -> HttpResponse:
    """GET: the form, and the files of before. POST: read a file; nobody is invited by that."""
    offered = library.active()
    if request.method == "GET":
        return _front(request, UploadForm(offered))
    form = UploadForm(offered, request.POST, request.FILES)
    if form.is_valid():
        try:
            batch = service.import_file(
                form.name, form.content, form.defaults, by=username(request)
            )
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            audit.record(request, "file_read", target=batch.file_name)
            return redirect("dashboard:batch", batch_id=batch.pk)
    return _front(request, form, status=422)


@require_GET
@require(Permission.INVITE)
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in, with an example of a challenge that there is."""
    offered = library.active()
    example = dict(zip(TEMPLATE, EXAMPLE, strict=True))
    example["challenge"] = offered[0].id if offered else "word-count"
    return _csv("candidates.csv", [TEMPLATE, list(example.values())])


@require_GET
@require(Permission.INVITE)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows of a file; with HX-Request the part of the page that changes."""
    return _batch_page(request, batch_or_404(batch_id))


@require_POST
@require(Permission.INVITE)
def invite(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Have all good rows invited, or the named ones. Workers do it; the page shows how far."""
    found = batch_or_404(batch_id)
    with_twice = "with_twice" in request.POST
    chosen: list[int] | None = None
    try:
        match request.POST.get("choose"):
            case "part":
                chosen = numbers(request.POST.get("part", ""))
            case "ticked":
                # Whoever ticks a row has seen it.
                chosen, with_twice = _ticked(request), True
            case "all":
                pass
            case _:
                raise ValueError("Please choose which rows to invite.")
        number = service.queue_rows(
            found, by=username(request), numbers=chosen, with_twice=with_twice
        )
        if not number:
            raise ValueError("There is no row among these that can be invited.")
    except ValueError as error:
        return _batch_page(request, found, refused=str(error))
    except InvalidInputError as error:
        return _batch_page(request, found, refused=error.message)
    audit.record(request, "invited_many", target=found.file_name, detail=f"rows: {number}")
    back = redirect("dashboard:batch", batch_id=found.pk)
    back["Location"] += f"?{request.GET.urlencode()}" if request.GET else ""
    return back


@require_GET
@require(Permission.INVITE)
def result(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every row with what became of it, and the links of those that were invited."""
    found = batch_or_404(batch_id)
    links = found.rows.exclude(interview_id="").count()
    audit.record(request, "downloaded_links", target=found.file_name, detail=f"links: {links}")
    return _csv(f"invitations-{found.pk}.csv", result_rows(request, found))


def _front(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    done, problem = Q(rows__state=RowStatus.DONE), Q(rows__state__in=CHOOSABLE)
    recent = Batch.objects.annotate(
        total=Count("rows"),
        invited=Count("rows", filter=done),
        under_way=Count("rows", filter=Q(rows__state=RowStatus.QUEUED)),
        wrong=Count("rows", filter=problem & ~Q(rows__problem="")),
        # What is counted has no order by itself.
    ).order_by("-pk")
    context = {
        "form": form,
        "recent": recent[:SHOWN],
        "zones": offered_zones(),
        "mail_is_on": settings.MAIL_IS_ON,
    }
    return render(request, "dashboard/bulk_invitations/list.html", context, status=status)


def _batch_page(request: HttpRequest, found: Batch, refused: str = "") -> HttpResponse:
    only = request.GET.get("only", "")
    rows = found.rows.select_related("batch")
    if only == "attention":
        needs = ~Q(problem="") | ~Q(twice="") | Q(state=RowStatus.FAILED)
        rows = rows.filter(needs).exclude(state=RowStatus.DONE)
    counts = found.counts()
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": found,
        "counts": counts,
        "bar_total": counts["done"] + counts["wanted"],
        "page": page,
        "lines": _lines(page),
        "only": only,
        "refused": refused,
        "choice": request.POST.get("choose", ALL if counts["good"] else TICKED),
        "part": request.POST.get("part", ""),
        "with_twice": "with_twice" in request.POST,
        "ticked": _ticked(request) if request.method == "POST" else [],
    }
    fragment = bool(request.headers.get("HX-Request"))
    name = "_detail" if fragment else "detail"
    status = 422 if refused else 200
    return render(request, f"dashboard/bulk_invitations/{name}.html", context, status=status)


def _lines(page: Page[BatchRow]) -> list[Line]:
    rows = list(page)
    names = {challenge.id: challenge.name for challenge in library.active()}
    ids = [row.interview_id for row in rows if row.interview_id]
    sent = Message.objects.filter(interview_id__in=ids).exclude(kind="reminder").order_by("id")
    messages = {message.interview_id: message for message in sent}
    lines = []
    for row in rows:
        id_ = (row.invitation or row.cells).get("challenge") or row.batch.challenge
        lines.append(Line(row, names.get(id_, id_), messages.get(row.interview_id)))
    return lines


def _ticked(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("row") if text.isdecimal() and len(text) < 7]


def _csv(name: str, rows: list[list[object]] | list[list[str]]) -> HttpResponse:
    return HttpResponse(
        b"".join(csv_file.write_csv(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

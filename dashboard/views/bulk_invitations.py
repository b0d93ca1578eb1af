"""Bulk invitations: upload a file, review its rows, invite, and export the result."""

from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from dashboard.forms.bulk_invitations import UploadForm, numbers
from dashboard.forms.local_times import offered_zones
from dashboard.permissions.decorators import require, username
from dashboard.permissions.roles import Permission
from dashboard.presenters.bulk_invitation_export import result_rows
from dashboard.presenters.interviews.rows.read import link_of
from dashboard.shortcuts import batch_or_404
from dashboard.views.interviews.emails import email_preview
from interviews import queries
from interviews.challenges import library
from interviews.schemas.invitations import TakeHomeInvitation
from operations import audit
from operations.actions.email_previews import preview_invitation
from operations.audit import AuditAction
from operations.bulk_import import columns, csv_file, service
from operations.bulk_import.columns import EXAMPLE, TEMPLATE
from operations.bulk_import.models import (
    CHOOSABLE,
    Batch,
    BatchRow,
    RowStatus,
)
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail.models import Message
from operations.mail.outbox import invitations_of
from operations.mail.previews import EmailPreview

ROWS_PER_PAGE = 100
RECENT_FILES = 30
ALL, TICKED = "all", "ticked"


@dataclass(frozen=True)
class Line:
    """A row as the page shows it.

    `message` is the email to its candidate, if any. `link` is "" if there is none or the actor may
    not see it.
    """

    row: BatchRow
    challenge_name: str
    message: Message | None
    link: str

    @property
    def can_choose(self) -> bool:
        return self.row.is_good


@require_http_methods(["GET", "POST"])
@require(Permission.INVITE)
def invitations(request: HttpRequest) -> HttpResponse:
    """GET: the form and recent files. POST: read a file, which does not invite anyone yet."""
    offered = library.active_challenges()
    if request.method == "GET":
        return _list_page(request, UploadForm(offered))
    form = UploadForm(offered, request.POST, request.FILES)
    if form.is_valid():
        try:
            batch = service.import_file(
                form.name, form.content, form.defaults, by=username(request)
            )
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            return redirect("dashboard:batch", batch_id=batch.pk)
    return _list_page(request, form, status=422)


@require_GET
@require(Permission.INVITE)
def template(request: HttpRequest) -> HttpResponse:
    """A CSV file to fill in, with an existing challenge as an example."""
    offered = library.active_challenges()
    example = dict(zip(TEMPLATE, EXAMPLE, strict=True))
    example["challenge"] = offered[0].id if offered else "word-count"
    return _csv("candidates.csv", [TEMPLATE, list(example.values())])


@require_GET
@require(Permission.INVITE)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows of a file, or with HX-Request the part of the page that changes."""
    return _batch_page(request, batch_or_404(batch_id))


@require_POST
@require(Permission.INVITE)
def invite(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Ask for a confirmation that says how many; once it is given, queue the selected rows.

    Workers invite; the page shows their progress.
    """
    batch = batch_or_404(batch_id)
    with_twice = "with_twice" in request.POST
    selected: list[int] | None = None
    try:
        match request.POST.get("choose"):
            case "part":
                selected = numbers(request.POST.get("part", ""))
            case "ticked":
                # A row selected by hand is invited even if it is a duplicate.
                selected, with_twice = _ticked_rows(request), True
            case "all":
                pass
            case _:
                raise ValueError(_("Choose which rows to invite."))
        if email_preview.is_asked(request):
            return _preview(request, batch, selected, include_duplicates=with_twice)
        if "confirmed" not in request.POST:
            count = service.count_rows(batch, numbers=selected, include_duplicates=with_twice)
            if not count:
                raise ValueError(_("None of these rows can be invited."))
            return _batch_page(request, batch, confirm=count)
        number = service.queue_rows(
            batch, by=username(request), numbers=selected, include_duplicates=with_twice
        )
        if not number:
            raise ValueError(_("None of these rows can be invited."))
    except ValueError as error:
        return _batch_page(request, batch, refused=str(error))
    except InvalidInputError as error:
        return _batch_page(request, batch, refused=error.message)
    response = redirect("dashboard:batch", batch_id=batch.pk)
    response["Location"] += f"?{request.GET.urlencode()}" if request.GET else ""
    return response


@require_GET
@require(Permission.INVITE)
def result(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every row with its result, and the link of each invitation."""
    batch = batch_or_404(batch_id)
    links = batch.rows.exclude(interview_id="").count()
    audit.record(AuditAction.DOWNLOADED_LINKS, target=batch.file_name, detail=f"links: {links}")
    return _csv(f"invitations-{batch.pk}.csv", result_rows(request, batch))


def _preview(
    request: HttpRequest, batch: Batch, numbers: list[int] | None, *, include_duplicates: bool
) -> HttpResponse:
    """The email to the first of these candidates."""

    def draw() -> EmailPreview:
        row = service.first_row(batch, numbers=numbers, include_duplicates=include_duplicates)
        if row is None:
            raise WrongStateError(_("None of these rows can be invited."))
        try:
            invitation = TakeHomeInvitation.model_validate(row.invitation)
        except ValidationError as errors:
            # The row was read by the rules of an earlier version.
            raise WrongStateError(" ".join(columns.error_messages(errors))) from None
        return preview_invitation(invitation, by=username(request))

    return email_preview.show(request, draw, notify=batch.send_email)


def _list_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    done, problem = Q(rows__state=RowStatus.DONE), Q(rows__state__in=CHOOSABLE)
    recent = Batch.objects.annotate(
        total=Count("rows"),
        invited=Count("rows", filter=done),
        under_way=Count("rows", filter=Q(rows__state=RowStatus.QUEUED)),
        wrong=Count("rows", filter=problem & ~Q(rows__problem="")),
        # Aggregation drops the default ordering.
    ).order_by("-pk")
    context = {
        "form": form,
        "recent": recent[:RECENT_FILES],
        "zones": offered_zones(),
        "mail_is_on": settings.MAIL_IS_ON,
    }
    return render(request, "dashboard/bulk_invitations/list.html", context, status=status)


def _batch_page(
    request: HttpRequest, batch: Batch, *, refused: str = "", confirm: int = 0
) -> HttpResponse:
    only = request.GET.get("only", "")
    rows = batch.rows.select_related("batch")
    if only == "attention":
        needs_attention = ~Q(problem="") | ~Q(twice="") | Q(state=RowStatus.FAILED)
        rows = rows.filter(needs_attention).exclude(state=RowStatus.DONE)
    counts = batch.counts()
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "counts": counts,
        "bar_total": counts["done"] + counts["wanted"],
        "page": page,
        "lines": _lines(request, page),
        "only": only,
        "refused": refused,
        "confirm": confirm,
        "choice": request.POST.get("choose", ALL if counts["good"] else TICKED),
        "part": request.POST.get("part", ""),
        "with_twice": "with_twice" in request.POST,
        "ticked": _ticked_rows(request) if request.method == "POST" else [],
    }
    is_fragment = bool(request.headers.get("HX-Request"))
    name = "_detail" if is_fragment else "detail"
    status = 422 if refused else 200
    return render(request, f"dashboard/bulk_invitations/{name}.html", context, status=status)


def _lines(request: HttpRequest, page: Page[BatchRow]) -> list[Line]:
    rows = list(page)
    names = {challenge.id: challenge.name for challenge in library.active_challenges()}
    ids = [row.interview_id for row in rows if row.interview_id]
    sent = invitations_of(ids)
    messages = {message.interview_id: message for message in sent}
    interviews = queries.get_interviews(ids)
    lines = []
    for row in rows:
        id_ = (row.invitation or row.cells).get("challenge") or row.batch.challenge
        interview = interviews.get(row.interview_id)
        link = link_of(request, interview) if interview is not None else ""
        lines.append(Line(row, names.get(id_, id_), messages.get(row.interview_id), link))
    return lines


def _ticked_rows(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("row") if text.isdecimal() and len(text) < 7]


def _csv(name: str, rows: list[list[object]] | list[list[str]]) -> HttpResponse:
    return HttpResponse(
        b"".join(csv_file.write_csv(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

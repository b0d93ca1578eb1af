"""The audit trail: its page, its file, and the note that somebody copied credentials."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard import audit
from dashboard.audit import filters, labels
from dashboard.audit.filters import AuditPage, AuditQuery
from dashboard.filters.filtered_list import filtered_list
from dashboard.models import ApiToken, AuditEntry
from dashboard.permissions.decorators import may, require
from dashboard.permissions.roles import Permission
from dashboard.shortcuts import interview_or_404
from interviews.models import Interview
from interviews.pagination.cursors import InvalidCursorError
from operations.bulk_import import csv_file

# Of one interview, on its page.
NEWEST = 20
# Rows of a file that are read at a time.
CHUNK = 500
COLUMNS = ("Time (UTC)", "Person", "What", "Code", "Interview", "Of", "Detail", "Address", "Via")
# What can be copied. "message": link and password as a text to the candidate.
KINDS = ("link", "address", "password", "message")


@require_GET
@require(Permission.SEE_AUDIT)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Wrong filters are said at their fields, and what was typed stays there."""
    trail = filtered_list(request, AuditQuery, "dashboard:audit")
    try:
        page = AuditPage([], None) if trail.errors else trail.query.page(trail.cursor)
    except InvalidCursorError:
        return redirect(trail.newest)
    context = trail.context(page.next) | {
        "page": page,
        "file": f"{reverse('dashboard:audit-file')}?{urlencode(trail.kept)}",
        "whats": labels.WORDS,
        "people": _people(),
    }
    return render(
        request, "dashboard/audit_log/list.html", context, status=422 if trail.errors else 200
    )


@require_GET
@require(Permission.SEE_AUDIT)
def audit_file(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV, whole; with a filter that is wrong the page that says so."""
    query, errors = AuditQuery.read(request.GET)
    if errors:
        return redirect(f"{reverse('dashboard:audit')}?{request.GET.urlencode()}")
    audit.record(request, "exported_audit")
    lines = _lines(query)
    # Django would read all of a plain iterator into memory before it answers through ASGI.
    content = _async(lines) if isinstance(request, ASGIRequest) else lines
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@require(Permission.SEE_CREDENTIALS)
def copied(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Somebody copied this on a page."""
    what = request.POST.get("what", "")
    if what not in KINDS:
        return HttpResponse(f"what: one of {', '.join(KINDS)}.", status=422)
    interview = interview_or_404(interview_id)
    audit.record(request, "copied_credentials", interview.id, detail=what)
    return HttpResponse(status=204)


def audit_context(request: HttpRequest, interview: Interview) -> dict[str, object]:
    """What _interview_audit.html shows: the newest of one interview, to who may see it."""
    if not may(request, Permission.SEE_AUDIT):
        return {}
    entries = filters.of_interview(interview.id, NEWEST + 1)
    return {
        "audit_entries": entries[:NEWEST],
        "audit_has_more": len(entries) > NEWEST,
        "audit_is_shown": True,
    }


def _people() -> list[str]:
    """Whom the field suggests: what was done by others is found by typing their name."""
    users = User.objects.filter(is_staff=True).values_list("username", flat=True)
    tokens = ApiToken.objects.values_list("name", flat=True)
    return [*sorted(users), *(f"token {name}" for name in tokens), "manage.py"]


def _lines(query: AuditQuery) -> Iterator[bytes]:
    def rows() -> Iterator[tuple[str, ...]]:
        yield COLUMNS
        for chunk in query.chunks(CHUNK):
            yield from map(_cells, chunk)

    return csv_file.write_csv(rows())


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.actor,
        labels.label(entry.what),
        entry.what,
        entry.interview_id,
        entry.target,
        entry.detail,
        entry.address,
        entry.via,
    )


async def _async(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """In pieces: a thread for each line would take longer than the line."""

    def piece() -> bytes:
        return b"".join(line for line, _ in zip(lines, range(CHUNK), strict=False))

    while some := await sync_to_async(piece)():
        yield some

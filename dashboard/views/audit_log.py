"""The audit log: its page, its CSV file, and the entry for copied credentials."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard.audit import filters, labels
from dashboard.audit.filters import AuditPage, AuditQuery
from dashboard.csv_download import csv_response
from dashboard.filters.filtered_list import filtered_list
from dashboard.models import ApiToken
from dashboard.permissions.decorators import may, require
from dashboard.permissions.roles import Permission
from dashboard.presenters.audit_lines import audit_lines
from dashboard.shortcuts import interview_or_404
from interviews.models import Interview
from interviews.pagination.cursors import InvalidCursorError
from operations import audit
from operations.audit import AuditAction
from operations.audit.models import AuditEntry

# Entries on an interview's page.
NEWEST = 20
# Rows of the file that are read at a time.
CHUNK = 500
COLUMNS = ("Time (UTC)", "Person", "What", "Code", "Interview", "Of", "Detail", "Address", "Via")
# Kinds of copied text. "message" is the text to the candidate, with link and password.
KINDS = ("link", "address", "password", "message")


@require_GET
@require(Permission.SEE_AUDIT)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """A page of the log. Invalid filters show an error at their field and keep their text."""
    trail = filtered_list(request, AuditQuery, "dashboard:audit")
    try:
        page = AuditPage([], None) if trail.errors else trail.query.page(trail.cursor)
    except InvalidCursorError:
        return redirect(trail.first_url)
    context = trail.context(page.next) | {
        "page": page,
        "lines": audit_lines(page.items),
        "file": f"{reverse('dashboard:audit-file')}?{urlencode(trail.filter_params)}",
        "whats": labels.CHOICES | labels.WORDS,
        "people": _people(),
    }
    return render(
        request, "dashboard/audit_log/list.html", context, status=422 if trail.errors else 200
    )


@require_GET
@require(Permission.SEE_AUDIT)
def audit_file(request: HttpRequest) -> HttpResponseBase:
    """The filtered log as a CSV file, or the page with the errors of its filters."""
    query, errors = AuditQuery.read(request.GET)
    if errors:
        return redirect(f"{reverse('dashboard:audit')}?{request.GET.urlencode()}")
    audit.record(AuditAction.EXPORTED_AUDIT)
    return csv_response(request, "audit.csv", _rows(query))


@require_POST
@require(Permission.SEE_CREDENTIALS)
def copied(request: HttpRequest, interview_id: str) -> HttpResponse:
    """Audit that the user copied a credential."""
    what = request.POST.get("what", "")
    if what not in KINDS:
        return HttpResponse(f"what: one of {', '.join(KINDS)}.", status=422)
    interview = interview_or_404(interview_id)
    audit.record(AuditAction.COPIED_CREDENTIALS, interview.id, detail=what)
    return HttpResponse(status=204)


def audit_context(request: HttpRequest, interview: Interview) -> dict[str, object]:
    """Template context of interview/_audit_log.html: an interview's newest entries."""
    if not may(request, Permission.SEE_AUDIT):
        return {}
    entries = filters.of_interview(interview.id, NEWEST + 1)
    return {
        "audit_entries": entries[:NEWEST],
        "audit_has_more": len(entries) > NEWEST,
        "audit_is_shown": True,
    }


def _people() -> list[str]:
    """Suggested names for the filter. Others are found by typing them."""
    users = User.objects.filter(is_staff=True).values_list("username", flat=True)
    tokens = ApiToken.objects.values_list("name", flat=True)
    return [*sorted(users), *(f"token {name}" for name in tokens), "manage.py"]


def _rows(query: AuditQuery) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for chunk in query.chunks(CHUNK):
        yield from map(_cells, chunk)


def _cells(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.at,
        entry.actor,
        labels.label_in_files(entry.what),
        entry.what,
        entry.interview_id,
        entry.target,
        entry.detail,
        entry.address,
        entry.via,
    )

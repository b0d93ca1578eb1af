"""The candidates of a challenge side by side, and the same as a CSV file."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dashboard.csv_download import csv_response
from dashboard.filters.comparison import MAX_COMPARED, ComparisonQuery
from dashboard.filters.filtered_list import filtered_list
from dashboard.filters.history import DECISIONS
from dashboard.permissions.decorators import require_staff
from dashboard.permissions.reviewing import viewer_of
from dashboard.presenters.reviews.comparison import comparison_page
from dashboard.presenters.reviews.comparison_export import comparison_rows
from dashboard.shortcuts import challenge_or_404
from operations import audit
from operations.audit import AuditAction

URL_NAME = "dashboard:comparison"


@require_GET
@require_staff
def comparison(request: HttpRequest, challenge_id: str) -> HttpResponse:
    """The page, or with HX-Request the part that changes. Invalid filters keep their text."""
    challenge = challenge_or_404(challenge_id)
    listing = filtered_list(request, ComparisonQuery, URL_NAME, challenge_id=challenge.id)
    page = comparison_page(listing, challenge.id, viewer_of(request))
    if not page.lines and page.query.page > 1:
        # There are fewer than there were.
        return redirect(listing.first_url)
    file = reverse("dashboard:comparison-file", kwargs={"challenge_id": challenge.id})
    context = listing.context(None) | {
        "challenge": challenge,
        "comparison": page,
        "decisions": DECISIONS,
        "is_filtered": bool(listing.filter_params.keys() - {"zone", "sort"}),
        "file": f"{file}?{urlencode(listing.filter_params)}",
        "address": request.get_full_path(),
        "most": MAX_COMPARED,
    }
    part = "_list.html" if request.headers.get("HX-Request") else "page.html"
    status = 422 if listing.errors else 200
    return render(request, f"dashboard/comparison/{part}", context, status=status)


@require_GET
@require_staff
def comparison_file(request: HttpRequest, challenge_id: str) -> HttpResponseBase:
    """All candidates that match, in order, as a CSV file; or the page with its filters' errors."""
    challenge = challenge_or_404(challenge_id)
    query, errors = ComparisonQuery.read(request.GET)
    if errors:
        page = reverse(URL_NAME, kwargs={"challenge_id": challenge.id})
        return redirect(f"{page}?{request.GET.urlencode()}")
    compared = query.compare(challenge.id, viewer_of(request))
    audit.record(AuditAction.EXPORTED_COMPARISON, target=challenge.id)
    rows = comparison_rows(compared.candidates)
    return csv_response(request, f"comparison-{challenge.id}.csv", rows)

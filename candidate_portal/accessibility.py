"""The accessibility statement, which anyone may read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from candidate_portal.rendering import render


@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """The platform's statement, or the way to the company's own."""
    if settings.ACCESSIBILITY_URL:
        return redirect(settings.ACCESSIBILITY_URL)
    return render(request, "candidate_portal/accessibility.jinja", {})

"""The company's logo and color, which anyone may load. Browsers keep both for good."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from operations.branding import colors
from operations.branding.models import BrandRecord

# The URL changes with the content.
FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """The logo. A page that was opened before it changed gets the new one under the old name."""
    record = BrandRecord.objects.filter(pk=BrandRecord.ONLY_ID).exclude(logo_name="").first()
    if record is None or record.logo is None:
        raise Http404("Page not found")
    response = HttpResponse(bytes(record.logo), content_type=record.logo_type)
    response.headers["Cache-Control"] = FOR_GOOD if name == record.logo_name else "no-store"
    return response


@require_safe
def color(request: HttpRequest, color: str) -> HttpResponse:
    """The style sheet of a color, which needs no database: the URL says it all."""
    if not re.fullmatch("[0-9a-f]{6}", color):
        raise Http404("Page not found")
    css = colors.stylesheet(f"#{color}")
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": FOR_GOOD})

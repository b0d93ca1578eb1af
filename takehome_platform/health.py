"""What machines ask: does this process answer?"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, whatever the state of the parts behind it."""
    return HttpResponse("ok", content_type="text/plain")

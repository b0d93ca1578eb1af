"""Pages of candidates, from their Jinja2 templates."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject

from operations.branding import current_brand


def render(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a template of candidates with this context, the brand and the token of forms."""
    compiled = engines["jinja2"].env.get_template(template)  # type: ignore[attr-defined]
    # Masked once for all forms of the page, and only if it has one: the token sets a cookie.
    token = SimpleLazyObject(partial(csrf_input, request))
    page = compiled.render(context, brand=current_brand(), csrf_input=token)
    return HttpResponse(page, status=status)

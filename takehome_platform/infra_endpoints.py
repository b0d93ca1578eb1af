"""Health and metrics endpoints, served before ALLOWED_HOSTS is checked.

A probe or a scrape reaches a process by its IP address, which ALLOWED_HOSTS does not have.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from takehome_platform.observability.health import healthz, readyz
from takehome_platform.observability.metrics import metrics

View = Callable[[HttpRequest], HttpResponseBase]

INFRA_VIEWS: dict[str, View] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


def infra_endpoints(get_response: View) -> View:
    """Middleware that needs no session, user or template, and works while those are broken."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return INFRA_VIEWS.get(request.path_info, get_response)(request)

    return middleware

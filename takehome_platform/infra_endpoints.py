"""The addresses that machines ask, answered before anything looks at the host's name.

A probe or a scrape comes to a process by its number, which is not among the ALLOWED_HOSTS.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from takehome_platform.observability.health import healthz, readyz
from takehome_platform.observability.metrics import metrics

View = Callable[[HttpRequest], HttpResponseBase]

VIEWS: dict[str, View] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


def infra_endpoints(get_response: View) -> View:
    """No session, no user, no template: these answer whatever else is broken."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        return VIEWS.get(request.path_info, get_response)(request)

    return answer

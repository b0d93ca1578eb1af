"""GET /metrics for Prometheus: the figures of this process, and those of the deployment.

Every process serves its own figures: a web process here, a worker on METRICS_PORT. Both work with
threads in one process, so nothing has to be merged from files, and Prometheus adds them up.
"""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from takehome_platform.observability.deployment_collector import DeploymentCollector

OFF = "Figures are served once METRICS_TOKEN is set.\n"
REFUSED = "Send the METRICS_TOKEN as a Bearer token.\n"

# Apart from REGISTRY, which prometheus_client fills: workers do not serve it.
deployment = CollectorRegistry()
deployment.register(DeploymentCollector())


def has_token(authorization: str) -> bool:
    """Is this the header `Authorization: Bearer <METRICS_TOKEN>`?"""
    return constant_time_compare(authorization, f"Bearer {settings.METRICS_TOKEN}")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who has the token. Without one nobody has it, but for this machine in DEBUG mode:
    behind a proxy an address opens nothing, since it may be the proxy's own."""
    if settings.METRICS_TOKEN:
        if not has_token(request.headers.get("Authorization", "")):
            headers = {"WWW-Authenticate": "Bearer"}
            return HttpResponse(REFUSED, status=401, content_type="text/plain", headers=headers)
    elif not (settings.DEBUG and _is_this_machine(request)):
        return HttpResponse(OFF, status=404, content_type="text/plain")
    body = generate_latest(REGISTRY) + generate_latest(deployment)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _is_this_machine(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False

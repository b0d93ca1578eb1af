"""GET /metrics for Prometheus: the metrics of this process and those of the whole deployment.

Every process serves its own metrics: a web process here, a worker on METRICS_PORT. Both run threads
in a single process, so there are no files to merge, and Prometheus adds the processes up.
"""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from takehome_platform.observability.deployment_collector import DeploymentCollector

METRICS_OFF = "Figures are served once METRICS_TOKEN is set.\n"
UNAUTHORIZED = "Send the METRICS_TOKEN as a Bearer token.\n"

# Separate from REGISTRY, the one of prometheus_client, which workers serve too.
deployment_registry = CollectorRegistry()
deployment_registry.register(DeploymentCollector())


def has_token(authorization: str) -> bool:
    """Whether this is the header `Authorization: Bearer <METRICS_TOKEN>`."""
    return constant_time_compare(authorization, f"Bearer {settings.METRICS_TOKEN}")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to clients with METRICS_TOKEN.

    Without that setting only this machine may read them, and only in DEBUG mode: behind a proxy a
    loopback address may be the proxy's own.
    """
    if settings.METRICS_TOKEN:
        if not has_token(request.headers.get("Authorization", "")):
            headers = {"WWW-Authenticate": "Bearer"}
            return HttpResponse(
                UNAUTHORIZED, status=401, content_type="text/plain", headers=headers
            )
    elif not (settings.DEBUG and _is_from_loopback(request)):
        return HttpResponse(METRICS_OFF, status=404, content_type="text/plain")
    body = generate_latest(REGISTRY) + generate_latest(deployment_registry)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _is_from_loopback(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False

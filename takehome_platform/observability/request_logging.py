"""A request id, one log line and metrics for every request.

The id is taken from the proxy's X-Request-Id if that is valid. The response has it too, and every
line that is logged during the request. A path is logged with its passcode masked
(`logging_config.py`), and the query string is never logged.
"""

import re
import time
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

from takehome_platform.infra_endpoints import INFRA_VIEWS, View

logger = structlog.get_logger(__name__)

REQUEST_ID_HEADER = "X-Request-Id"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Clients may invent methods, and each one would be a time series of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The route labels of requests that no URL pattern matched.
STATIC, UNMATCHED = "static", "none"

REQUESTS = Counter(
    "takehome_http_requests_total",
    "Requests by the route's template.",
    ["method", "route", "status"],
)
SECONDS = Histogram(
    "takehome_http_request_seconds",
    "How long requests took, streams left out.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class RequestLog:
    """Binds the log context of one request when it is created, and writes its line at the end."""

    def __init__(self, client_request_id: str, method: str, path: str) -> None:
        is_valid = VALID_REQUEST_ID.fullmatch(client_request_id)
        self.request_id = client_request_id if is_valid else uuid.uuid4().hex
        self._method = method if method in METHODS else "OTHER"
        self._path = path
        self._started_at = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self.request_id)

    def count(self, route: str, status: int) -> None:
        REQUESTS.labels(self._method, route, status).inc()

    def write(self, status: int, **extra_fields: Any) -> None:
        logger.info(
            "request",
            method=self._method,
            path=self._path,
            status=status,
            ms=round(self.seconds * 1000),
            **extra_fields,
        )

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started_at


def request_logging(get_response: View) -> View:
    """The outermost middleware."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        client_request_id = request.headers.get(REQUEST_ID_HEADER, "")
        log = RequestLog(client_request_id, str(request.method), request.path)
        # Pages of errors show it.
        request.request_id = log.request_id  # type: ignore[attr-defined]
        return _record(log, request, get_response(request))

    return middleware


def _record(log: RequestLog, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response[REQUEST_ID_HEADER] = log.request_id
    route = route_of(request)
    log.count(route, response.status_code)
    SECONDS.labels(route).observe(log.seconds)
    is_static = route == STATIC and response.status_code < 500
    if request.path_info in INFRA_VIEWS or is_static:
        return response
    # The session's user, but only if the view has loaded it: logging must not cost a query.
    user = getattr(request, "_cached_user", None)
    name = user.get_username() if user is not None else ""
    log.write(response.status_code, **({"user": name} if name else {}))
    return response


def route_of(request: HttpRequest) -> str:
    """The URL pattern, such as /take-home/<str:passcode>/, which unlike the path has no secret."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    if request.path_info in INFRA_VIEWS:
        return request.path_info
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else UNMATCHED


def log_stream(application: Any, route: str = "/api/events") -> Any:
    """The same for the event stream, which is an ASGI application outside of Django.

    A stream is counted when it is opened or refused, and logged when it is closed.
    """

    async def logged(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        client_request_id = headers.get(REQUEST_ID_HEADER.lower().encode(), b"").decode("latin-1")
        log = RequestLog(client_request_id, scope["method"], scope["path"])
        status = 0

        async def send_counted(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                log.count(route, status)
                header = (REQUEST_ID_HEADER.lower().encode(), log.request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        try:
            await application(scope, receive, send_counted)
        finally:
            log.write(status)

    return logged

"""Every request has an id, one line in the log, and its place in the figures.

The id is the proxy's where it sends a sane X-Request-Id, and goes back in the answer; every line
that is logged meanwhile bears it. A path is logged with the passcode masked (`logs.py`), its query
never.
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

from takehome_platform.infra_endpoints import VIEWS, View

logger = structlog.get_logger(__name__)

HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Whoever asks may invent methods: each would be a series of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

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


class Line:
    """One request, from its first moment to its line in the log."""

    def __init__(self, given_id: str, method: str, path: str) -> None:
        self.id = given_id if SANE.fullmatch(given_id) else uuid.uuid4().hex
        self._method = method if method in METHODS else "OTHER"
        self._path = path
        self._began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=self.id)

    def count(self, route: str, status: int) -> None:
        REQUESTS.labels(self._method, route, status).inc()

    def write(self, status: int, **more: Any) -> None:
        logger.info(
            "request",
            method=self._method,
            path=self._path,
            status=status,
            ms=round(self.seconds * 1000),
            **more,
        )

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began


def request_logging(get_response: View) -> View:
    """The outermost middleware."""

    def logged(request: HttpRequest) -> HttpResponseBase:
        line = Line(request.headers.get(HEADER, ""), str(request.method), request.path)
        return _end(line, request, get_response(request))

    return logged


def _end(line: Line, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response[HEADER] = line.id
    route = route_of(request)
    line.count(route, response.status_code)
    SECONDS.labels(route).observe(line.seconds)
    if request.path_info in VIEWS or (route == STATIC and response.status_code < 500):
        return response
    # Whom the session belongs to, if anybody looked: a line costs no query.
    user = getattr(request, "_cached_user", None)
    name = user.get_username() if user is not None else ""
    line.write(response.status_code, **({"user": name} if name else {}))
    return response


STATIC, NOWHERE = "static", "none"


def route_of(request: HttpRequest) -> str:
    """The template of the address, such as /take-home/<str:passcode>/: never the address."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    if request.path_info in VIEWS:
        return request.path_info
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else NOWHERE


def logged_stream(application: Any, route: str = "/api/events") -> Any:
    """The same for the event stream, which is not Django's: counted when it opens or is refused,
    and logged when it is over."""

    async def logged(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        given = headers.get(HEADER.lower().encode(), b"").decode("latin-1")
        line = Line(given, scope["method"], scope["path"])
        status = 0

        async def send_counted(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                line.count(route, status)
                own = (HEADER.lower().encode(), line.id.encode())
                message = {**message, "headers": [*message.get("headers", ()), own]}
            await send(message)

        try:
            await application(scope, receive, send_counted)
        finally:
            line.write(status)

    return logged

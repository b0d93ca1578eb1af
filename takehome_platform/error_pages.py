"""The pages of errors: what happened, a way back, and the id of the request in the log."""

from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.urls import is_valid_path
from django.utils.http import url_has_allowed_host_and_scheme

from takehome_platform.infra_endpoints import View

logger = structlog.get_logger(__name__)


def error_context(request: HttpRequest) -> dict[str, Any]:
    """What each page of an error needs. It asks no store, which may be what failed."""
    return {
        "reference": getattr(request, "request_id", ""),
        "back_url": _back_url(request),
        # Only staff has sessions. Whether this one is still valid, the dashboard says.
        "has_session": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error_page(request, 404)


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    response = _error_page(request, 405)
    response["Allow"] = allow
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The view of CSRF_FAILURE_VIEW. Django has logged the reason."""
    return render(request, "403_csrf.html", error_context(request), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without context processors: one of them may be what failed."""
    page = loader.get_template("500.html").render(error_context(request))
    return HttpResponse(page, status=500)


def unknown_paths(get_response: View) -> View:
    """The innermost middleware: with DEBUG, answer a path that no URL pattern matches.

    Django would answer with its own page, which lists the URL patterns. Being the innermost, it
    leaves static files and the redirect to the path with a slash to the others.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Asked only after it failed: to resolve a path twice takes a tenth of a small answer.
        if settings.DEBUG and response.status_code == 404 and not is_valid_path(request.path_info):
            return page_not_found(request)
        return response

    return middleware


def _error_page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"{status}.html", error_context(request), status=status)


def _back_url(request: HttpRequest) -> str:
    """The page of ours from which the request came, or ""."""
    referer = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    is_ours = url_has_allowed_host_and_scheme(referer, {host}, require_https=request.is_secure())
    # The page that failed would fail again.
    return referer if is_ours and referer != request.build_absolute_uri() else ""

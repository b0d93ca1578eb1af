"""Refuse a body by its Content-Length, before Django or a view reads it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from takehome_platform.error_pages import error_context
from takehome_platform.errors import (
    API_PREFIX,
    error_json,
    is_store_unavailable,
    service_unavailable,
)
from takehome_platform.request_limits.body_sizes import too_large_message

View = Callable[[HttpRequest], HttpResponseBase]


def body_limit(get_response: View) -> View:
    """Middleware behind the authentication, which says who may upload.

    The web server has not read a body that is too large, and asks for the refusal all the same:
    it passes the request on with its Content-Length and an empty body.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            message = too_large_message(request)
        except Exception as error:
            if not is_store_unavailable(error):
                raise
            return service_unavailable(request, error)
        return get_response(request) if message is None else _refuse(request, message)

    return middleware


def _refuse(request: HttpRequest, message: str) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return error_json(413, message)
    if request.headers.get("HX-Request"):
        return HttpResponse(message, status=413, content_type="text/plain; charset=utf-8")
    context = {"sentence": message, **error_context(request)}
    return render(request, "shared/too_large.html", context, status=413)

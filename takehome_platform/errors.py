"""Error responses: JSON below /api/, plain text for htmx, a page elsewhere."""

import sqlite3
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _
from pynamodb.exceptions import PynamoDBException

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission
from interviews.dynamodb import error_code, missing_index_message
from takehome_platform import error_pages

logger = structlog.get_logger(__name__)

API_PREFIX = "/api/"
BAD_REQUEST = (SuspiciousOperation, MultiPartParserError)
RETRY_AFTER_SECONDS = 10

STORE_UNAVAILABLE = _(
    "The database isn't responding right now. Nothing is lost. Try again in a minute."
)
# For visitors, who can do nothing about a missing index.
BEING_UPDATED = _("The platform is being updated. Nothing is lost. Try again in a few minutes.")

# By HTTP status: the error code, and the message if the view has no better one.
DEFAULT_ERRORS: dict[int, tuple[str, Any]] = {
    400: ("bad_request", _("The request can't be understood.")),
    401: ("not_signed_in", _("Sign in first, at /login/.")),
    403: ("forbidden", _("You don't have permission to do this.")),
    404: ("not_found", _("There's nothing at this address.")),
    405: ("method_not_allowed", _("This address doesn't accept this method.")),
    409: ("wrong_state", _("That isn't possible right now.")),
    413: ("too_large", _("The body is larger than 1 MB.")),
    415: ("unsupported_media_type", _("The body must be JSON.")),
    422: ("invalid", _("The input isn't valid.")),
    429: ("too_many_requests", _("Too many requests. Wait a moment.")),
    500: ("server_error", _("Something went wrong. We've logged the error.")),
    503: ("unavailable", STORE_UNAVAILABLE),
}


def error_json(
    status: int, message: str = "", *, code: str = "", field: str | None = None
) -> JsonResponse:
    """{"error": {"code", "message", "field"?}}, the form of every error of the API."""
    usual_code, usual_message = DEFAULT_ERRORS.get(
        status, DEFAULT_ERRORS[500 if status >= 500 else 400]
    )
    error = {"code": code or usual_code, "message": message or str(usual_message)}
    if field is not None:
        error["field"] = field
    return JsonResponse({"error": error}, status=status)


def is_store_unavailable(exception: Exception) -> bool:
    """Whether a store could not be reached, as opposed to a bug or an invalid request."""
    if isinstance(exception, PynamoDBException):
        refused = error_code(exception) == "ValidationException"
        return not refused or missing_index_message(exception) is not None
    if isinstance(exception, OperationalError | InterfaceError):
        # SQLite raises it for wrong SQL too, such as after a forgotten migration: that is a bug.
        code = getattr(exception.__cause__, "sqlite_errorcode", None)
        return code != sqlite3.SQLITE_ERROR
    return isinstance(exception, BotoCoreError | ClientError)


def service_unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """503, in the form that the client can show."""
    remedy = missing_index_message(exception)
    logger.error(
        "store_away" if remedy is None else "index_missing",
        error=type(exception).__name__,
        code=error_code(exception),
        **({} if remedy is None else {"todo": remedy}),
    )
    sentence = str(STORE_UNAVAILABLE)
    if remedy is not None:
        sentence = remedy if _is_staff_request(request) else str(BEING_UPDATED)
    response: HttpResponse
    if request.path.startswith(API_PREFIX):
        response = error_json(503, sentence)
    elif request.headers.get("HX-Request"):
        response = HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8")
    else:
        context = {"sentence": sentence, **error_pages.error_context(request)}
        response = render(request, "shared/unavailable.html", context, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _is_staff_request(request: HttpRequest) -> bool:
    """Whether the request was authenticated before it failed, as staff or by a token."""
    return hasattr(request, "user") and may(request, Permission.VIEW)


class ErrorsMiddleware(MiddlewareMixin):
    """Turns an unavailable store into 503, and every error below /api/ into JSON."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_store_unavailable(exception):
            return service_unavailable(request, exception)
        # With DEBUG, Django has pages of its own; most show local variables, such as passwords.
        return _debug_response(request, exception) if settings.DEBUG else None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not request.path.startswith(API_PREFIX):
            is_bare = response.status_code == 405 and not response.streaming
            return (
                error_pages.method_not_allowed(request, response["Allow"]) if is_bare else response
            )
        # These responses have the passwords of workspaces.
        response.headers.setdefault("Cache-Control", "no-store")
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json:
            return response
        error = error_json(response.status_code)
        for name in ("Allow", "Cache-Control", "Retry-After"):
            if name in response.headers:
                error[name] = response.headers[name]
        error.cookies = response.cookies
        return error


def _debug_response(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """What Django would answer without DEBUG."""
    if isinstance(exception, PermissionDenied):
        return None
    if isinstance(exception, Http404):
        return error_pages.page_not_found(request)
    if isinstance(exception, BAD_REQUEST):
        logger.warning("bad_request", reason=type(exception).__name__)
        return error_pages.bad_request(request)
    got_request_exception.send(sender=ErrorsMiddleware, request=request)
    logger.exception("unexpected", path=request.path)
    return error_pages.server_error(request)

"""What went wrong, said to whoever asked: JSON below /api/, a page elsewhere; never a list."""

import sqlite3

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import server_error
from pynamodb.exceptions import PynamoDBException

from dashboard.permissions.decorators import may
from dashboard.permissions.roles import Permission
from dashboard.uploads.handler import MAX_UPLOAD
from interviews.dynamodb import missing_index_message

logger = structlog.get_logger(__name__)

API = "/api/"
# Where the files of challenges are sent to.
UPLOADS = "/api/challenges"
ANSWERED_BY_DJANGO = (Http404, PermissionDenied, SuspiciousOperation)
# A JSON body is an invitation or less; files have ways of their own.
MAX_BODY = 1024 * 1024
RETRY_AFTER = 10  # seconds

AWAY = "The database does not answer at the moment. Nothing is lost: please try again in a minute."
# To whoever is not of the team, and could do nothing about it.
UPDATING = "The platform is being updated. Nothing is lost: please try again in a few minutes."

# Per HTTP status: the code for programs, and the sentence where nobody has a better one.
PROBLEMS = {
    400: ("bad_request", "The request cannot be understood."),
    401: ("not_signed_in", "Sign in first, at /login/."),
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    409: ("wrong_state", "It cannot be done as things stand."),
    413: ("too_large", "The body is larger than 1 MB."),
    415: ("unsupported_media_type", "The body must be JSON."),
    422: ("invalid", "The input cannot be accepted."),
    429: ("too_many_requests", "Too many requests; wait a little."),
    500: ("server_error", "Something went wrong here; it has been noted."),
    503: ("unavailable", AWAY),
}


def error_json(
    status: int, message: str = "", *, code: str = "", field: str | None = None
) -> JsonResponse:
    """{"error": {"code", "message", "field"?}}, as every error of the API."""
    usual_code, usual_message = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    error = {"code": code or usual_code, "message": message or usual_message}
    if field is not None:
        error["field"] = field
    return JsonResponse({"error": error}, status=status)


def is_away(exception: Exception) -> bool:
    """Is it a store that could not be asked, rather than a fault of ours or of the input?"""
    if isinstance(exception, PynamoDBException):
        refused = exception.cause_response_code == "ValidationException"
        return not refused or missing_index_message(exception) is not None
    if isinstance(exception, OperationalError | InterfaceError):
        # SQLite also says so of what we asked, as where a migration was forgotten: our fault.
        code = getattr(exception.__cause__, "sqlite_errorcode", None)
        return code != sqlite3.SQLITE_ERROR
    return isinstance(exception, BotoCoreError | ClientError)


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """503, in the form that whoever asked can show."""
    lacking = missing_index_message(exception)
    logger.error(
        "store_away" if lacking is None else "index_missing",
        error=type(exception).__name__,
        code=getattr(exception, "cause_response_code", None),
        **({} if lacking is None else {"todo": lacking}),
    )
    sentence = AWAY
    if lacking is not None:
        sentence = lacking if _is_of_the_team(request) else UPDATING
    response: HttpResponse
    if request.path.startswith(API):
        response = error_json(503, sentence)
    elif request.headers.get("HX-Request"):
        response = HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8")
    else:
        response = render(request, "shared/unavailable.html", {"sentence": sentence}, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_of_the_team(request: HttpRequest) -> bool:
    """Did it get as far as knowing who asks, and is that staff or a token?"""
    return hasattr(request, "user") and may(request, Permission.VIEW)


class ErrorsMiddleware(MiddlewareMixin):
    """Databases that do not answer are 503; whatever fails below /api/ is answered in JSON."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not request.path.startswith(API) or not length.isdecimal():
            return None
        limit, words = MAX_BODY, ""
        is_form = request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data")
        if is_form and request.path.startswith(UPLOADS):
            limit, words = MAX_UPLOAD + MAX_BODY, "The upload is larger than 110 MB."
        return error_json(413, words) if int(length[:12]) > limit else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_away(exception):
            return unavailable(request, exception)
        if settings.DEBUG and not isinstance(exception, ANSWERED_BY_DJANGO):
            # Django's own page for DEBUG shows local variables, and those hold passwords.
            got_request_exception.send(sender=type(self), request=request)
            logger.exception("unexpected", path=request.path)
            return server_error(request)
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not request.path.startswith(API):
            return response
        # Passwords of workspaces are in these answers.
        response.headers.setdefault("Cache-Control", "no-store")
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json:
            return response
        answer = error_json(response.status_code)
        for name in ("Allow", "Cache-Control", "Retry-After"):
            if name in response.headers:
                answer[name] = response.headers[name]
        answer.cookies = response.cookies
        return answer

"""Who may see what a candidate sees: whoever knows the passcode, and nobody who guesses.

Ten wrong passcodes a minute from one address, on page, API and stream together, and the address
waits. A browser that opened its own test before is not held up by others behind that address.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import cache_control
from pynamodb.exceptions import PynamoDBException

from interviews import queries
from interviews.models import LIVE, TAKE_HOME, Interview
from operations import rate_limit
from operations.sse.consumer import Audience, StreamDenied

MAX_WRONG_PER_MINUTE = 10
# Longer than an invitation and its test can last.
REMEMBERED_SECONDS = 60 * 24 * 3600
REMEMBERED_TESTS = 5
COOKIE_NAME = "opened"
SALT = "candidate_portal.access"

View = Callable[[HttpRequest, Interview], HttpResponse]
Types = tuple[str, ...]
# Those that have a candidate.
CANDIDATE_TYPES: Types = (TAKE_HOME, LIVE)


class ThrottledError(Exception):
    """Too many wrong passcodes came from this address; retry_after is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many wrong passcodes. Please wait a minute and try again.")
        self.retry_after = retry_after


def interview_for(
    request: HttpRequest,
    passcode: str,
    *,
    types: Types = CANDIDATE_TYPES,
    interview_id: str | None = None,
) -> Interview:
    """The interview of the passcode, and of the id where one is given. Http404, ThrottledError."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return _find_interview(passcode, address, request.COOKIES, types, interview_id)


def candidate_page(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """A view of one test: called with the interview, once the passcode was found to be right."""
    return _passcode_page(TAKE_HOME, "test", view)


def live_page(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """The same for a live interview. At the other's address each is as unknown as any."""
    return _passcode_page(LIVE, "interview", view)


def _passcode_page(type_: str, noun: str, view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, passcode: str) -> HttpResponse:
        try:
            interview = interview_for(request, passcode, types=(type_,))
        except Http404:
            return _render_refusal(request, 404, {"noun": noun})
        except ThrottledError as throttled:
            seconds = throttled.retry_after
            response = _render_refusal(request, 429, {"noun": noun, "seconds": seconds})
            response["Retry-After"] = str(throttled.retry_after)
            return response
        response = view(request, interview)
        _remember(request, response, interview)
        return response

    return cache_control(no_store=True, private=True)(checked)


async def authorize_candidate_stream(scope: dict[str, Any]) -> Audience:
    """The candidate's side of the event stream: `?passcode=` hears that interview alone."""
    passcode = parse_qs(scope["query_string"].decode("latin-1")).get("passcode", [""])[-1]
    client = scope.get("client") or [""]
    try:
        interview = await sync_to_async(_find_interview, thread_sensitive=False)(
            passcode, str(client[0]), _cookies(scope), CANDIDATE_TYPES, None
        )
    except Http404:
        raise StreamDenied(403, "forbidden", "This passcode opens no test.") from None
    except ThrottledError as throttled:
        raise StreamDenied(
            429, "too_many_requests", str(throttled), throttled.retry_after
        ) from None
    except PynamoDBException:
        raise StreamDenied(503, "unavailable", "Please try again in a moment.", 5) from None
    return Audience(interview.id)


def _find_interview(
    passcode: str,
    address: str,
    cookies: Mapping[str, str],
    types: Types,
    interview_id: str | None,
) -> Interview:
    source = rate_limit.source(address)
    if _passcode_fingerprint(passcode) not in _opened_fingerprints(cookies):
        wait = rate_limit.is_blocked("passcode", source, MAX_WRONG_PER_MINUTE)
        if wait is not None:
            raise ThrottledError(wait)
    interview = queries.get_by_passcode(passcode)
    if interview is not None and interview.type in types and interview_id in (None, interview.id):
        return interview
    wait = rate_limit.hit("passcode", source, MAX_WRONG_PER_MINUTE)
    if wait is not None:
        raise ThrottledError(wait)
    raise Http404("There is no such test.")


def _passcode_fingerprint(passcode: str) -> str:
    """What the cookie keeps in place of the passcode."""
    return salted_hmac(SALT, passcode.upper(), algorithm="sha256").hexdigest()[:32]


def _opened_fingerprints(cookies: Mapping[str, str]) -> list[str]:
    try:
        marks = signing.loads(cookies.get(COOKIE_NAME, ""), salt=SALT, max_age=REMEMBERED_SECONDS)
    except signing.BadSignature:
        return []
    return [str(mark) for mark in marks]


def _remember(request: HttpRequest, response: HttpResponse, interview: Interview) -> None:
    mark = _passcode_fingerprint(str(interview.passcode))
    before = _opened_fingerprints(request.COOKIES)
    if mark in before:
        return
    response.set_cookie(
        COOKIE_NAME,
        signing.dumps([mark, *before][:REMEMBERED_TESTS], salt=SALT),
        max_age=REMEMBERED_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _render_refusal(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    """The same page whatever is wrong with the passcode; a fragment where one was asked for."""
    part = "_" if request.headers.get("HX-Request") else ""
    return render(request, f"candidate_portal/{part}refused_{status}.html", context, status=status)


def _cookies(scope: dict[str, Any]) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}

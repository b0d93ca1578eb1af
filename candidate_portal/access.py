"""Access by passcode to the candidate's page, API and event stream, with rate limiting.

An IP address that sends ten wrong passcodes within a minute, over page, API and stream together,
is blocked until the minute is over; `guessing.py` has all limits. A browser that opened its test
before is exempt for that test, so that others behind the same address cannot lock it out.
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
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import cache_control
from pynamodb.exceptions import PynamoDBException

from candidate_portal import guessing
from candidate_portal.rendering import render
from interviews import queries
from interviews.attributes import LIVE, TAKE_HOME
from interviews.models import Interview
from operations.sse.consumer import Audience, StreamDenied

# 60 days, longer than an invitation and its test can last.
REMEMBERED_SECONDS = 60 * 24 * 3600
REMEMBERED_TESTS = 5
COOKIE_NAME = "opened"
SALT = "candidate_portal.access"

View = Callable[[HttpRequest, Interview], HttpResponseBase]
PasscodeView = Callable[..., HttpResponseBase]
Types = tuple[str, ...]
# The types of interview that have a candidate.
CANDIDATE_TYPES: Types = (TAKE_HOME, LIVE)


class ThrottledError(Exception):
    """The address sent too many wrong passcodes; `retry_after` is in seconds."""

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
    """Return the interview of a passcode; it must also have `interview_id`, if given.

    Raises:
        Http404: if there is no such interview.
        ThrottledError: if the address sent too many wrong passcodes.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    return _find_interview(passcode, address, request.COOKIES, types, interview_id)


def candidate_page(view: View) -> PasscodeView:
    """Decorate a view; it is called with the interview of the passcode.

    The route says of which type that is: a passcode of the other one is unknown there.
    """

    @wraps(view)
    def checked(request: HttpRequest, passcode: str, type_: str = TAKE_HOME) -> HttpResponseBase:
        noun = "test" if type_ == TAKE_HOME else "interview"
        try:
            interview = interview_for(request, passcode, types=(type_,))
        except Http404:
            return _render_refusal(request, 404, {"noun": noun})
        except ThrottledError as throttled:
            seconds = throttled.retry_after
            response = _render_refusal(request, 429, {"noun": noun, "seconds": seconds})
            response["Retry-After"] = str(throttled.retry_after)
            return response
        answer = view(request, interview)
        _remember(request, answer, interview)
        return answer

    return cache_control(no_store=True, private=True)(checked)


async def authorize_candidate_stream(scope: dict[str, Any]) -> Audience:
    """Authorize a candidate's event stream: `?passcode=` receives only that interview's events.

    Raises:
        StreamDenied: if the passcode is wrong or throttled, or DynamoDB is unavailable.
    """
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
    if _passcode_fingerprint(passcode) not in _opened_fingerprints(cookies):
        wait = guessing.wait_before_guess(address)
        if wait is not None:
            raise ThrottledError(wait)
    interview = queries.get_by_passcode(passcode)
    if interview is not None and interview.type in types and interview_id in (None, interview.id):
        return interview
    wait = guessing.record_wrong_guess(address)
    if wait is not None:
        raise ThrottledError(wait)
    raise Http404("There is no such test.")


def _passcode_fingerprint(passcode: str) -> str:
    """Return the value that the cookie stores in place of the passcode."""
    return salted_hmac(SALT, passcode.upper(), algorithm="sha256").hexdigest()[:32]


def _opened_fingerprints(cookies: Mapping[str, str]) -> list[str]:
    try:
        fingerprints = signing.loads(
            cookies.get(COOKIE_NAME, ""), salt=SALT, max_age=REMEMBERED_SECONDS
        )
    except signing.BadSignature:
        return []
    return [str(fingerprint) for fingerprint in fingerprints]


def _remember(request: HttpRequest, response: HttpResponseBase, interview: Interview) -> None:
    fingerprint = _passcode_fingerprint(str(interview.passcode))
    opened = _opened_fingerprints(request.COOKIES)
    if fingerprint in opened:
        return
    response.set_cookie(
        COOKIE_NAME,
        signing.dumps([fingerprint, *opened][:REMEMBERED_TESTS], salt=SALT),
        max_age=REMEMBERED_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _render_refusal(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    """Render the same page for every wrong passcode, or a fragment for htmx."""
    prefix = "_" if request.headers.get("HX-Request") else ""
    template = f"candidate_portal/{prefix}refused_{status}.jinja"
    return render(request, template, context, status=status)


def _cookies(scope: dict[str, Any]) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}

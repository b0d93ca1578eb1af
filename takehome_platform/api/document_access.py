"""Who may read the description of the API: its page is one for staff, its document for programs."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from dashboard.api.auth import SessionAuth, TokenAuth
from dashboard.permissions.decorators import require_staff

View = Callable[..., HttpResponseBase]
# The name that ninja gives to the URL of the document.
DOCUMENT = "openapi-json"


def describes_api(view: View) -> View:
    """Guard both views of ninja: the page as every page, the document as an endpoint of the API.

    A program that asks for the document without a session got the sign-in page in its place.
    """
    page = require_staff(view)
    document = require_safe(_authenticated(view))

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        match = request.resolver_match
        is_document = match is not None and match.url_name == DOCUMENT
        return (document if is_document else page)(request, **kwargs)

    return guarded


def _authenticated(view: View) -> View:
    api: NinjaAPI = cast(Any, view).keywords["api"]

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            _authenticate(request, (TokenAuth(), SessionAuth()))
        except Exception as error:  # noqa: BLE001 - the API raises what it has no answer for
            return api.on_exception(request, error)
        return view(request, **kwargs)

    return guarded


def _authenticate(request: HttpRequest, ways: Iterable[Callable[[HttpRequest], Any]]) -> None:
    if not any(way(request) for way in ways):
        raise AuthenticationError

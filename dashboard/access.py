"""Who may see and do what in the dashboard and the staff's API: staff, and nobody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf

from interviews import queries
from interviews.models import Interview
from operations import models
from operations.consumers import Audience, Refused
from operations.models import Operation

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def is_staff(request: HttpRequest) -> bool:
    """Deactivated users are anonymous by the time a request is here."""
    return request.user.is_authenticated and request.user.is_staff


def username(request: HttpRequest) -> str:
    """Who asks, for the timeline of what they ask for."""
    return cast(User, request.user).get_username()


def require_staff(view: View[P]) -> View[P]:
    """Pages: whoever is not signed in is led to the sign-in; others are told why they may not.

    A fragment cannot lead anywhere, so its page is told to go (HX-Redirect).
    """

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if is_staff(request):
            response = view(request, *args, **kwargs)
            # Passwords of workspaces are on these pages: the back button must not show them again.
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        if request.headers.get("HX-Request"):
            status = 403 if request.user.is_authenticated else 401
            return HttpResponse(status=status, headers={"HX-Redirect": _way_back(request)})
        if request.user.is_authenticated:
            return render(request, "dashboard/not_staff.html", status=403)
        return redirect_to_login(request.get_full_path())

    return checked


class StaffSession(APIKeyCookie):
    """The API: the session of the dashboard, with a CSRF token for every write."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User:
        """Raises AuthenticationError (401) or AuthorizationError (403)."""
        user = request.user
        if not user.is_authenticated:
            raise AuthenticationError(401, "Sign in first, at /login/.")
        if not user.is_staff:
            raise AuthorizationError(403, "Only staff may do this.")
        if check_csrf(request) is not None:
            raise AuthorizationError(
                403, "The CSRF token is missing or wrong: send the csrftoken cookie as X-CSRFToken."
            )
        return user

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        return self(request)


async def audience(scope: dict[str, Any]) -> Audience:
    """The staff's side of the event stream: everything. Raises Refused."""
    user = scope.get("user")
    if user is None or not user.is_authenticated or not user.is_staff:
        raise Refused(403, "forbidden", "Only staff may hear this.")
    return Audience(None)


def interview_or_404(interview_id: str) -> Interview:
    """Raises Http404."""
    interview = queries.get(interview_id)
    if interview is None:
        raise Http404("There is no such interview.")
    return interview


def take_home_or_404(interview_id: str) -> Interview:
    """Live interviews have pages of their own. Raises Http404."""
    interview = interview_or_404(interview_id)
    if not interview.is_take_home:
        raise Http404("There is no such take-home test.")
    return interview


def operation_or_404(operation_id: str) -> Operation:
    """Raises Http404."""
    operation = models.get(operation_id)
    if operation is None:
        raise Http404("There is no such operation.")
    return operation


def _way_back(request: HttpRequest) -> str:
    """The sign-in, which leads back to the page that asked for the fragment."""
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        page = urlsplit("/")
    wanted = page._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return f"{reverse('dashboard:login')}?{urlencode({'next': wanted})}"

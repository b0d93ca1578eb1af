"""Who may see and do what in the dashboard and the staff's API: staff with a role, and tokens.

Every page says which permission it needs (`require`), every endpoint of the API too (`needs`).
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf, contribute_operation_callback

from dashboard.roles import ROLES, TITLES, Actor, Permission, actor_of
from dashboard.tokens import actor_of_token
from interviews import queries
from interviews.models import Interview
from operations import models
from operations.exceptions import InvalidInput
from operations.models import Operation
from operations.sse.consumer import Audience, Refused

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor(request: HttpRequest) -> Actor:
    """Who asks. Deactivated users are anonymous by the time a request is here: they may nothing."""
    known: Actor | None = getattr(request, "actor", None)
    if known is None:
        user = request.user
        known = actor_of(user) if user.is_authenticated and user.is_staff else Actor("")
        request.actor = known  # type: ignore[attr-defined]
    return known


def username(request: HttpRequest) -> str:
    """Who asks, for the timeline of what they ask for."""
    return actor(request).name


def may(request: HttpRequest, permission: Permission) -> bool:
    return actor(request).may(permission)


def require(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Pages: whoever is not signed in is led to the sign-in; others are told why they may not.

    A fragment cannot lead anywhere, so its page is told to go (HX-Redirect).
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if may(request, permission):
                response = view(request, *args, **kwargs)
                # Passwords of workspaces are on these pages: the back button must not show them.
                response.headers.setdefault("Cache-Control", "no-store")
                return response
            return _kept_out(request, permission)

        checked.permission = permission  # type: ignore[attr-defined]
        return checked

    return decorate


require_staff = require(Permission.VIEW)


def _kept_out(request: HttpRequest, permission: Permission) -> HttpResponseBase:
    is_one_of_us = may(request, Permission.VIEW)
    if request.headers.get("HX-Request") and not is_one_of_us:
        status = 403 if request.user.is_authenticated else 401
        return HttpResponse(status=status, headers={"HX-Redirect": _way_back(request)})
    if not request.user.is_authenticated:
        # Where a button was pressed, there is no page to come back to but the one it is on.
        is_page = request.method in ("GET", "HEAD")
        referer = request.headers.get("Referer", "")
        return redirect_to_login(request.get_full_path() if is_page else _path_of(referer))
    context = {"needed": TITLES[permission] if is_one_of_us else ""}
    part = "_" if request.headers.get("HX-Request") else ""
    return render(request, f"dashboard/{part}not_allowed.html", context, status=403)


class Machine(HttpBearer):
    """The API: a token that was made for a machine. No cookie is read, so no CSRF token either."""

    openapi_description = "A token of `manage.py create_api_token`, which begins with `thp_`."

    def __init__(self, permission: Permission = Permission.VIEW) -> None:
        super().__init__()
        self._permission = permission

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The original logs a header of another scheme in DEBUG mode, password and all."""
        scheme, _, token = request.headers.get(self.header, "").partition(" ")
        return self.authenticate(request, token) if scheme.lower() == "bearer" else None

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Raises AuthenticationError (401) or AuthorizationError (403)."""
        known = actor_of_token(token)
        if known is None:
            raise AuthenticationError(401, "This token is unknown or was revoked.")
        request.actor = known  # type: ignore[attr-defined]
        _refuse_lesser_role(request, self._permission)
        return known


class StaffSession(APIKeyCookie):
    """The API: the session of the dashboard, with a CSRF token for every write."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "A browser that is signed in; with `X-CSRFToken` for every change."

    def __init__(self, permission: Permission = Permission.VIEW) -> None:
        super().__init__()
        self._permission = permission

    def __call__(self, request: HttpRequest) -> User:
        """Raises AuthenticationError (401) or AuthorizationError (403)."""
        user = request.user
        if not user.is_authenticated:
            raise AuthenticationError(401, "Sign in first, at /login/.")
        if not may(request, Permission.VIEW):
            raise AuthorizationError(403, "Only staff with a role may do this.")
        # First: a look for the CSRF token reads the whole body.
        _refuse_lesser_role(request, self._permission)
        if check_csrf(request) is not None:
            raise AuthorizationError(
                403, "The CSRF token is missing or wrong: send the csrftoken cookie as X-CSRFToken."
            )
        return user

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        return self(request)


def needs(permission: Permission) -> Callable[[F], F]:
    """The API: what an endpoint needs. AuthorizationError (403): the role does not have it, which
    is told before anything that was sent is read. InvalidInput: an unknown parameter."""

    def decorate(endpoint: F) -> F:
        known: set[str] = set()

        @wraps(endpoint)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            _refuse_lesser_role(request, permission)
            # A filter that is passed over in silence would answer with far more than was asked for.
            for name in request.GET.keys() - known:
                raise InvalidInput(name, f"There is no parameter {name[:50]!r} here.")
            return endpoint(request, *args, **kwargs)

        def set_up(operation: Any) -> None:
            operation.auth_param = [Machine(permission), StaffSession(permission)]
            operation.auth_callbacks = operation.auth_param
            for model in operation.models:
                if model.__ninja_param_source__ == "query":
                    known.update(model.__ninja_flatten_map__)

        contribute_operation_callback(checked, set_up)
        checked.permission = permission  # type: ignore[attr-defined]
        checked.__doc__ = f"{inspect.getdoc(endpoint)}\n\n{_for_whom(permission)}"
        return cast(F, checked)

    return decorate


def _refuse_lesser_role(request: HttpRequest, permission: Permission) -> None:
    if not may(request, permission):
        title = TITLES[permission]
        raise AuthorizationError(403, f"Your role does not allow this: {title.lower()}.")


def _for_whom(permission: Permission) -> str:
    """For the API's description."""
    roles = ", ".join(role for role in ROLES if permission in ROLES[role])
    return f"*Permission: {TITLES[permission]}. Roles: {roles}.*"


async def audience(scope: dict[str, Any]) -> Audience:
    """The staff's side of the event stream: everything. Raises Refused."""
    user = scope.get("user")
    if user is None or not await sync_to_async(_hears, thread_sensitive=False)(user):
        raise Refused(403, "forbidden", "Only staff may hear this.")
    return Audience(None)


def _hears(user: User) -> bool:
    is_staff = user.is_authenticated and user.is_staff
    return is_staff and actor_of(user).may(Permission.VIEW)


def interview_or_404(interview_id: str) -> Interview:
    """Raises Http404."""
    interview = queries.get(interview_id)
    if interview is None:
        raise Http404("There is no such interview.")
    return interview


def operation_or_404(operation_id: str) -> Operation:
    """Raises Http404."""
    operation = models.get(operation_id)
    if operation is None:
        raise Http404("There is no such operation.")
    return operation


def _way_back(request: HttpRequest) -> str:
    """The sign-in, which leads back to the page that asked for the fragment."""
    wanted = _path_of(request.headers.get("HX-Current-URL", ""))
    return f"{reverse('dashboard:login')}?{urlencode({'next': wanted})}"


def _path_of(address: str) -> str:
    """The address within this site."""
    try:
        page = urlsplit(address)
    except ValueError:
        page = urlsplit("/")
    return page._replace(scheme="", netloc="", fragment="").geturl() or "/"

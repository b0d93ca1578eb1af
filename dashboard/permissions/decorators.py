"""Who may see and do what in the dashboard and the staff's API: staff with a role, and tokens.

Every page says which permission it needs (`require`), every endpoint of the API too (`needs`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from dashboard.permissions.roles import TITLES, Actor, Permission, actor_of

P = ParamSpec("P")
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
    return render(request, f"dashboard/auth/{part}not_allowed.html", context, status=403)


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

"""Access to the dashboard's pages, for staff with a role.

Every page states the permission it needs (`require`), every API endpoint as well (`needs`).
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
    """The actor of this request.

    Authentication makes deactivated users anonymous, without permissions.
    """
    known: Actor | None = getattr(request, "actor", None)
    if known is None:
        user = request.user
        known = actor_of(user) if user.is_authenticated and user.is_staff else Actor("")
        request.actor = known  # type: ignore[attr-defined]
    return known


def username(request: HttpRequest) -> str:
    """The actor's name, as the timeline stores it."""
    return actor(request).name


def may(request: HttpRequest, permission: Permission) -> bool:
    return actor(request).may(permission)


def require(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Check the permission of a page.

    Anonymous users are redirected to the sign-in, others get a 403 page. A fragment cannot
    redirect, so HX-Redirect makes its page do it.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if may(request, permission):
                response = view(request, *args, **kwargs)
                # These pages contain workspace passwords: the back button must not show them after
                # sign-out.
                response.headers.setdefault("Cache-Control", "no-store")
                return response
            return _deny(request, permission)

        checked.permission = permission  # type: ignore[attr-defined]
        return checked

    return decorate


require_staff = require(Permission.VIEW)


def _deny(request: HttpRequest, permission: Permission) -> HttpResponseBase:
    is_staff = may(request, Permission.VIEW)
    if request.headers.get("HX-Request") and not is_staff:
        status = 403 if request.user.is_authenticated else 401
        return HttpResponse(status=status, headers={"HX-Redirect": _sign_in_url(request)})
    if not request.user.is_authenticated:
        # A form submission has no page of its own to return to, so return to the one with the
        # button.
        is_page = request.method in ("GET", "HEAD")
        referer = request.headers.get("Referer", "")
        return redirect_to_login(request.get_full_path() if is_page else _path_of(referer))
    context = {"needed": TITLES[permission] if is_staff else ""}
    part = "_" if request.headers.get("HX-Request") else ""
    return render(request, f"dashboard/auth/{part}not_allowed.html", context, status=403)


def _sign_in_url(request: HttpRequest) -> str:
    """The sign-in URL, which leads back to the page that requested the fragment."""
    page = _path_of(request.headers.get("HX-Current-URL", ""))
    return f"{reverse('dashboard:login')}?{urlencode({'next': page})}"


def _path_of(address: str) -> str:
    """The path and query of a URL, without its host."""
    try:
        page = urlsplit(address)
    except ValueError:
        page = urlsplit("/")
    return page._replace(scheme="", netloc="", fragment="").geturl() or "/"

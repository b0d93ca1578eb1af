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
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from dashboard.people import sessions
from dashboard.permissions.roles import TITLES, Actor, Permission, actor_of
from dashboard.second_factor import requirement
from operations import audit, rate_limit
from operations.audit import Channel, Origin

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


def origin(request: HttpRequest) -> Origin | None:
    """Who asks, through which channel and from where, for the audit trail.

    None for a HEAD: it changes nothing, and nobody gets to see what the GET would show.
    """
    if getattr(request, "is_head", False):
        return None
    channel = Channel.PAGE
    if request.path.startswith("/api/"):
        channel = Channel.API
    elif request.path.startswith("/admin/"):
        channel = Channel.ADMIN
    return Origin(username(request), channel, address_of(request))


def address_of(request: HttpRequest) -> str:
    """The network address that the audit trail shows; for IPv6 the /64 of it."""
    return rate_limit.client_network(request.META.get("REMOTE_ADDR") or "")


def may(request: HttpRequest, permission: Permission) -> bool:
    return actor(request).may(permission)


def require(
    permission: Permission, *, admits_setting_up: bool = False
) -> Callable[[View[P]], View[P]]:
    """Check the permission of a page.

    The audit trail attributes what the view does to the person. With `admits_setting_up`, it is a
    page that somebody needs to set up a second factor, before they may open any other.

    Anonymous users are redirected to the sign-in, others get a 403 page. A fragment cannot
    redirect, so HX-Redirect makes its page do it.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if admits_setting_up:
                requirement.admit_setting_up(request)
            if may(request, permission):
                sessions.note_seen(request.user)
                with audit.acting_as(origin(request)):
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
    is_setting_up = requirement.person_setting_up(request) is not None
    if request.headers.get("HX-Request") and not is_staff:
        status = 403 if request.user.is_authenticated or is_setting_up else 401
        page = _path_of(request.headers.get("HX-Current-URL", ""))
        way_in = requirement.set_up_url(page) if is_setting_up else _sign_in_url(page)
        return HttpResponse(status=status, headers={"HX-Redirect": way_in})
    if not request.user.is_authenticated:
        # A form submission has no page of its own to return to, so return to the one with the
        # button.
        is_page = request.method == "GET"
        referer = request.headers.get("Referer", "")
        page = request.get_full_path() if is_page else _path_of(referer)
        return redirect(requirement.set_up_url(page)) if is_setting_up else redirect_to_login(page)
    context = {"needed": gettext(TITLES[permission]) if is_staff else ""}
    part = "_" if request.headers.get("HX-Request") else ""
    return render(request, f"dashboard/auth/{part}not_allowed.html", context, status=403)


def _sign_in_url(page: str) -> str:
    """The sign-in URL, which leads back to the page."""
    return f"{reverse('dashboard:login')}?{urlencode({'next': page})}"


def _path_of(address: str) -> str:
    """The path and query of a URL, without its host."""
    try:
        page = urlsplit(address)
    except ValueError:
        page = urlsplit("/")
    return page._replace(scheme="", netloc="", fragment="").geturl() or "/"

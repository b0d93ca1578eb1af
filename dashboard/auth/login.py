"""Sign in and sign out. `attempts` has the limits."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.auth import attempts
from dashboard.auth.second_step import continue_sign_in
from dashboard.forms.login import SignInForm
from dashboard.permissions.decorators import address_of, may
from dashboard.permissions.roles import Permission
from dashboard.second_factor import requirement


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or sign in and redirect to `next` if that is a URL of this site."""
    if may(request, Permission.VIEW):
        return redirect(next_address(request))
    if requirement.person_setting_up(request) is not None:
        return redirect(requirement.set_up_url(next_address(request)))
    if request.method == "GET":
        return _page(request, SignInForm(request))
    username, address = request.POST.get("username", ""), address_of(request)
    # Count before checking the password: the check is slow, so parallel attempts must count too.
    if wait := attempts.record_sign_in(username, address):
        return too_many_page(request, wait)
    form = SignInForm(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    attempts.reset_sign_in(username, address)
    return continue_sign_in(request, form.get_user(), next_address(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGIN_URL)


def refused_page(request: HttpRequest, message: str, *, status: int) -> HttpResponse:
    """The sign-in page with a message on why single sign-on failed."""
    return _page(request, SignInForm(request), status=status, message=message)


def _page(
    request: HttpRequest, form: SignInForm, *, status: int = 200, wait: int = 0, message: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "next": next_address(request),
        "wait": wait,
        "message": message,
        "has_sso": bool(settings.OIDC_ISSUER),
    }
    return render(request, "dashboard/auth/sign_in.html", context, status=status)


def too_many_page(request: HttpRequest, wait: int) -> HttpResponse:
    """The same response for every user, whether or not the password was right."""
    response = _page(request, SignInForm(request), status=429, wait=wait)
    response.headers["Retry-After"] = str(wait)
    return response


def next_address(request: HttpRequest) -> str:
    """The URL to open after sign-in: `next` if it is a URL of this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    # Without a slash, `redirect` would take it for the name of a view.
    is_own_url = "/" in url and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_own_url else resolve_url(settings.LOGIN_REDIRECT_URL)

"""The second step of signing in by password: a code, for people who turned that on."""

from urllib.parse import urlencode

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.auth import attempts
from dashboard.forms.login import CodeForm
from dashboard.permissions.decorators import address_of
from dashboard.second_factor import actions, devices, pending, set_up
from dashboard.second_factor.pending import PendingSignIn
from dashboard.second_factor.requirement import BY_PROVIDER, must_set_up, set_up_url
from operations import audit
from operations.audit import AuditAction, Channel, Origin

BACKEND = "django.contrib.auth.backends.ModelBackend"


def continue_sign_in(request: HttpRequest, user: User, next_url: str) -> HttpResponse:
    """After the right password: sign in, or ask for the code first."""
    if devices.is_on(user):
        pending.begin(request, user, next_url)
        return redirect("dashboard:login-code")
    return _sign_in(request, user, next_url)


@sensitive_post_parameters("code")
@csrf_protect
@never_cache
@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a sign-in whose password was right, and sign in with it."""
    waiting = pending.of(request)
    if waiting is None:
        query = urlencode({"next": pending.forget(request)})
        return redirect(f"{reverse('dashboard:login')}?{query}")
    is_recovery = "recovery" in request.GET
    if request.method == "GET":
        return _page(request, waiting, CodeForm(is_recovery=is_recovery))
    # Count before checking the code: parallel attempts must count too.
    wait = max(
        attempts.record_code(waiting.user) or 0, attempts.record_address(address_of(request)) or 0
    )
    if wait:
        form = CodeForm(is_recovery=is_recovery)
        response = _page(request, waiting, form, status=429, wait=wait)
        response.headers["Retry-After"] = str(wait)
        return response
    form = CodeForm(request.POST, is_recovery=is_recovery)
    if not form.is_valid():
        return _page(request, waiting, form, status=422)
    origin = Origin(waiting.user.get_username(), Channel.PAGE, address_of(request))
    kind = actions.use_code(waiting.user, form.cleaned_data["code"], origin)
    if kind is None:
        audit.record(AuditAction.SIGN_IN_FAILED, detail="second step", origin=origin)
        form.add_error("code", actions.wrong_code())
        return _page(request, waiting, form, status=422)
    attempts.reset_codes(waiting.user)
    pending.forget(request)
    return _sign_in(request, waiting.user, waiting.next_url)


def _sign_in(request: HttpRequest, user: User, next_url: str) -> HttpResponse:
    login(request, user, backend=BACKEND)
    request.session.pop(BY_PROVIDER, None)
    if must_set_up(user, request.session):
        # Right after the password there is no need to ask for it again.
        set_up.begin(request, user)
        return redirect(set_up_url(next_url))
    return redirect(next_url)


def _page(
    request: HttpRequest,
    waiting: PendingSignIn,
    form: CodeForm,
    *,
    status: int = 200,
    wait: int = 0,
) -> HttpResponse:
    context = {"form": form, "username": waiting.user.get_username(), "wait": wait}
    context["next"] = waiting.next_url
    return render(request, "dashboard/auth/code.html", context, status=status)

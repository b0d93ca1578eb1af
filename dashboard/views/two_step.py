"""Two-step sign-in on the own profile: turning it on and off, and its recovery codes."""

from typing import cast
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.auth import attempts
from dashboard.auth.login import next_address
from dashboard.forms.profile import (
    CodeAndPasswordForm,
    CurrentPasswordForm,
    SetUpForm,
    seconds_to_wait,
)
from dashboard.permissions.decorators import require
from dashboard.permissions.roles import Permission
from dashboard.second_factor import actions, devices
from dashboard.second_factor import set_up as set_up_state
from operations.branding import current_brand
from operations.exceptions import InvalidInputError

require_own = require(Permission.VIEW, admits_setting_up=True)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@require_own
def two_step(request: HttpRequest) -> HttpResponse:
    """GET: how it stands. POST: begin to turn it on, with the password."""
    user = _user(request)
    if devices.is_on(user) or not user.has_usable_password():
        return _page(request)
    if request.method == "GET":
        is_begun = set_up_state.device_of(request, user) is not None
        return redirect(_with_next(request, "two-step-set-up")) if is_begun else _page(request)
    form = CurrentPasswordForm(user, request.POST)
    if not form.is_valid():
        return _page(request, start_form=form)
    set_up_state.begin(request, user)
    return redirect(_with_next(request, "two-step-set-up"))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@require_own
def set_up(request: HttpRequest) -> HttpResponse:
    """GET: the key. POST: turn it on with the app's first code, and show the recovery codes."""
    user = _user(request)
    device = set_up_state.device_of(request, user)
    if device is None:
        return redirect(_with_next(request, "two-step"))
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            keep = request.session.session_key
            codes = actions.turn_on(user, form.cleaned_data["code"], keep=keep)
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            set_up_state.finish(request)
            return _codes_page(request, codes, is_new=True)
    context = {
        "form": form,
        "qr_code": devices.qr_code(device),
        "key": devices.key_text(device),
        "account": f"{current_brand().name}: {user.get_username()}",
    }
    return _render(request, "set_up", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@require_POST
@require_own
def renew_codes(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = _codes_form(user, request.POST)
    if _checks_out(user, form):
        try:
            codes = actions.renew_recovery_codes(user, form.cleaned_data["code"])
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            attempts.reset_codes(user)
            return _codes_page(request, codes, is_new=False)
    return _page(request, codes_form=form)


@sensitive_post_parameters()
@require_POST
@require_own
def turn_off(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = _off_form(user, request.POST)
    if _checks_out(user, form):
        try:
            actions.turn_off(user, form.cleaned_data["code"])
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            attempts.reset_codes(user)
            if not settings.REQUIRE_SECOND_FACTOR:
                # Otherwise the next page is the set-up, and the message would be shown after it.
                messages.success(request, _("Two-step sign-in is off."))
            return redirect("dashboard:profile")
    return _page(request, off_form=form)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _codes_form(user: User, data: object = None) -> CodeAndPasswordForm:
    return CodeAndPasswordForm(user, data, auto_id="codes_%s")


def _off_form(user: User, data: object = None) -> CodeAndPasswordForm:
    return CodeAndPasswordForm(user, data, auto_id="off_%s")


def _checks_out(user: User, form: CodeAndPasswordForm) -> bool:
    """True if the password is right and a code may be tried; otherwise the form says why not."""
    if not form.is_valid():
        return False
    if wait := attempts.record_code(user):
        form.add_error("code", attempts.too_many(wait))
        return False
    return True


def _with_next(request: HttpRequest, name: str) -> str:
    """The URL of one of these pages, which leads on to where the person wanted to go."""
    address = reverse(f"dashboard:{name}")
    return (
        f"{address}?{urlencode({'next': next_address(request)})}" if _has_next(request) else address
    )


def _has_next(request: HttpRequest) -> bool:
    return "next" in request.GET or "next" in request.POST


def _page(
    request: HttpRequest,
    *,
    start_form: CurrentPasswordForm | None = None,
    codes_form: CodeAndPasswordForm | None = None,
    off_form: CodeAndPasswordForm | None = None,
) -> HttpResponse:
    user, refused = _user(request), start_form or codes_form or off_form
    wait = seconds_to_wait(refused) if refused is not None else 0
    context = {
        "is_on": devices.is_on(user),
        "has_password": user.has_usable_password(),
        "has_sso": user.singlesignon_set.exists(),
        "codes_left": devices.recovery_codes_left(user),
        "start_form": start_form or CurrentPasswordForm(user),
        "codes_form": codes_form or _codes_form(user),
        "off_form": off_form or _off_form(user),
    }
    status = 200 if refused is None else 429 if wait else 422
    response = _render(request, "page", context, status=status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


@sensitive_variables("codes", "text")
def _codes_page(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    """Show the codes, the only time that they can be read."""
    site = f"{current_brand().name}, {_user(request).get_username()}"
    text = "\n".join([site, "", *codes, ""])
    context = {
        "codes": codes,
        "is_new": is_new,
        "download": f"data:text/plain;charset=utf-8,{quote(text)}",
    }
    return _render(request, "codes", context, status=201)


def _render(
    request: HttpRequest, name: str, context: dict[str, object], *, status: int
) -> HttpResponse:
    is_required = settings.REQUIRE_SECOND_FACTOR and hasattr(request, "setting_up")
    context |= {
        # Who may open nothing else gets no navigation.
        "layout": f"dashboard/layout/{'plain' if is_required else 'page'}.html",
        "is_setting_up": is_required,
        "is_required": settings.REQUIRE_SECOND_FACTOR,
        "next": next_address(request),
        "has_next": _has_next(request),
    }
    return render(request, f"dashboard/two_step/{name}.html", context, status=status)

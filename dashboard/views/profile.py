"""The own profile: name, email, language, time zone, password and sessions."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.forms.local_times import offered_zones
from dashboard.forms.profile import NoticesForm, OwnPasswordForm, ProfileForm, seconds_to_wait
from dashboard.people import actions
from dashboard.people.passwords import record_password_set
from dashboard.people.profile import change_profile
from dashboard.permissions.decorators import address_of, require_staff
from dashboard.presenters.people import person_of
from operations.exceptions import InvalidInputError
from operations.notices.actions import change_notices
from operations.notices.models import preference_of


@require_http_methods(["GET", "POST"])
@require_staff
def profile(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: change name, email, language and time zone."""
    user, language = _user(request), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if request.method == "GET":
        return _page(request, form=ProfileForm(user, language))
    form = ProfileForm(user, language, request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    values = form.cleaned_data
    try:
        change_profile(
            user, name=values["name"], email=values["email"], time_zone=values["time_zone"]
        )
    except InvalidInputError as error:
        form.add_error(error.field, error.message)
        return _page(request, form=form, status=422)
    response = redirect("dashboard:profile")
    _set_language(response, values["language"])
    with translation.override(values["language"] or translation.get_language()):
        messages.success(request, _("Profile saved."))
    return response


@require_POST
@require_staff
def notices(request: HttpRequest) -> HttpResponse:
    """Change what the person is told of by email."""
    user = _user(request)
    form = NoticesForm(preference_of(user), request.POST)
    if not form.is_valid():
        return _page(request, notices_form=form, status=422)
    change_notices(user, form.cleaned_data["events"], only_own=form.cleaned_data["only_own"])
    messages.success(request, _("Notices saved."))
    return redirect("dashboard:profile")


@sensitive_post_parameters()
@require_POST
@require_staff
def change_password(request: HttpRequest) -> HttpResponse:
    """Change it and stay signed in here; other sessions end."""
    user = _user(request)
    form = OwnPasswordForm(user, request.POST)
    if not form.is_valid():
        wait = seconds_to_wait(form)
        response = _page(request, password_form=form, status=429 if wait else 422)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response
    form.save()
    update_session_auth_hash(request, user)
    record_password_set(user, address_of(request))
    messages.success(request, _("Password changed. Your other sessions have ended."))
    return redirect("dashboard:profile")


@require_POST
@require_staff
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    actions.end_sessions(user, user, keep=request.session.session_key)
    messages.success(request, _("Your other sessions have ended."))
    return redirect("dashboard:profile")


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _set_language(response: HttpResponse, language: str) -> None:
    """Let the browser keep the language, or forget it and use its own."""
    name = settings.LANGUAGE_COOKIE_NAME
    if not language:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _page(
    request: HttpRequest,
    *,
    form: ProfileForm | None = None,
    password_form: OwnPasswordForm | None = None,
    notices_form: NoticesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = _user(request)
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    context = {
        "person": person_of(user),
        "form": form or ProfileForm(user, language),
        "notices_form": notices_form or NoticesForm(preference_of(user)),
        "zones": offered_zones(),
        "mail_is_on": settings.MAIL_IS_ON,
        "password_form": password_form or OwnPasswordForm(user),
    }
    return render(request, "dashboard/profile/page.html", context, status=status)

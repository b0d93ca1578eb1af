"""REQUIRE_SECOND_FACTOR: who signed in by password opens nothing before they set it up."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from dashboard.second_factor import devices

# In the session of a person whom the single sign-on provider signed in.
BY_PROVIDER = "signed_in_by_provider"
# The code in errors of the API and of the event stream.
CODE = "second_factor_required"
MESSAGE = _("Set up two-step sign-in first, on your profile.")


def must_set_up(user: Any, session: Any) -> bool:
    """True if this session is good for nothing but setting up a second factor.

    Single sign-on is exempt, as the provider has its own. A session of before an upgrade does not
    say how it began; without a password it was by single sign-on.
    """
    return bool(
        settings.REQUIRE_SECOND_FACTOR
        and user.is_authenticated
        and user.is_staff
        and user.has_usable_password()
        and not session.get(BY_PROVIDER)
        and not devices.is_on(user)
    )


def require_second_factor(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: to every view, who must set it up is nobody yet."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.REQUIRE_SECOND_FACTOR:
            signed_in = request.user

            def user() -> Any:
                if not must_set_up(signed_in, request.session):
                    return signed_in
                request.setting_up = signed_in  # type: ignore[attr-defined]
                return AnonymousUser()

            request.user = SimpleLazyObject(user)  # type: ignore[assignment]
        return get_response(request)

    return middleware


def person_setting_up(request: HttpRequest) -> User | None:
    """Who signed in and must set it up first, or None."""
    if request.user.is_authenticated:
        return None
    return getattr(request, "setting_up", None)


def admit_setting_up(request: HttpRequest) -> None:
    """Let the pages that set it up see who signed in."""
    person = person_setting_up(request)
    if person is not None:
        request.user = person
        # An actor that was looked up before is nobody.
        request.__dict__.pop("actor", None)


def set_up_url(next_url: str) -> str:
    """The page to set it up, which leads on to `next_url`."""
    return f"{reverse('dashboard:two-step')}?{urlencode({'next': next_url})}"

"""Links of the navigation, which know whether they lead to the current page."""

from functools import cache
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.html import build_html
from operations.reviews import waiting


@cache
def address(name: str) -> str:
    """The path of a page whose URL has no part that differs."""
    return reverse(name)


def nav_link(request: HttpRequest, name: str, words: str, *also: str) -> SafeString:
    """A link to the named page. `also` are prefixes of other paths that belong to it."""
    path, here = address(name), request.path
    # Every path starts with "/", so the first page only matches itself and `also`.
    below = also if path == "/" else (path, *also)
    if here == path or here.startswith(below):
        return build_html('<a href="{}" aria-current="page">{}</a>', path, words)
    return build_html('<a href="{}">{}</a>', path, words)


def nav_reviews(request: HttpRequest) -> SafeString:
    """The link to what waits for the person's review, with how much that is."""
    count = waiting.count_waiting_for(cast(User, request.user))
    words = _("To review (%(count)s)") % {"count": count} if count else _("To review")
    return nav_link(request, "dashboard:to-review", words)


def nav_user(request: HttpRequest) -> SafeString:
    """The signed-in person, with a link to the own profile."""
    path = address("dashboard:profile")
    current = SafeString(' aria-current="page"') if request.path == path else ""
    user = cast(User, request.user)
    name = user.get_full_name() or user.get_username()
    label = _("%(name)s, your profile") % {"name": name}
    return build_html(
        '<a class="who-name" href="{}" aria-label="{}"{}>{}</a>',
        *(path, label, current, name),
    )


FUNCTIONS = {
    "address": address,
    "nav_link": nav_link,
    "nav_reviews": nav_reviews,
    "nav_user": nav_user,
}

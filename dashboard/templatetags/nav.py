"""Navigation links that know whether they lead to the current page."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard.presenters.interviews.page_links import page_links
from dashboard.presenters.reviews.page import interview_reviews
from interviews.challenges import library
from interviews.models import Interview
from operations.reviews import waiting

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, words: str, *also: str) -> SafeString:
    """A link to the named page. `also` are prefixes of other paths that belong to it."""
    address, here = reverse(name), context["request"].path
    # Every path starts with "/", so the first page only matches itself and `also`.
    below = also if address == "/" else (address, *also)
    if here == address or here.startswith(below):
        return format_html('<a href="{}" aria-current="page">{}</a>', address, words)
    return format_html('<a href="{}">{}</a>', address, words)


@register.simple_tag(takes_context=True)
def nav_reviews(context: template.Context) -> SafeString:
    """The link to what waits for the person's review, with how much that is."""
    count = waiting.count_waiting_for(context["request"].user)
    words = _("To review (%(count)s)") % {"count": count} if count else _("To review")
    return nav_link(context, "dashboard:to-review", words)


@register.inclusion_tag("dashboard/interview/_pages.html", takes_context=True)
def interview_pages(context: template.Context, current: str) -> dict[str, Any]:
    """The way between the pages of the context's interview. `current`: the name of its URL."""
    request, interview = context["request"], context["interview"]
    reviews = context.get("reviews") or interview_reviews(request, interview)
    links = page_links(interview, current, reviews)
    return {"links": links, "current": current, "path": request.path, "interview": interview}


@register.simple_tag
def interview_challenge(interview: Interview) -> str:
    return library.challenge_name(interview.challenge)


@register.simple_tag(takes_context=True)
def nav_user(context: template.Context) -> SafeString:
    """The signed-in person, with a link to the own profile."""
    request = context["request"]
    address = reverse("dashboard:profile")
    current = mark_safe(' aria-current="page"') if request.path == address else ""
    name = request.user.get_full_name() or request.user.get_username()
    label = _("%(name)s, your profile") % {"name": name}
    return format_html(
        '<a class="who-name" href="{}" aria-label="{}"{}>{}</a>',
        *(address, label, current, name),
    )

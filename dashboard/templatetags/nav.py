"""The way between the pages of an interview."""

from typing import Any

from django import template

from dashboard.presenters.interviews.page_links import page_links
from dashboard.presenters.reviews.page import interview_reviews
from interviews.challenges import library
from interviews.models import Interview

register = template.Library()


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

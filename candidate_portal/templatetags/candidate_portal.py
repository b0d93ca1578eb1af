"""Tags of the candidate's templates."""

from datetime import datetime

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def moment(at: datetime, style: str = "full") -> SafeString:
    """Return the element of a time, for use inside a translated sentence."""
    return SafeString(render_to_string("shared/_time.html", {"at": at, "style": style}).strip())

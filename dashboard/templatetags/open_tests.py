"""What the list of open take-home tests shows beyond the row of every list."""

from django import template

from dashboard.filters import take_homes
from interviews.models import Interview

register = template.Library()


@register.simple_tag(takes_context=True)
def row_order(context: template.Context, interview: Interview) -> str:
    """The place of the row in the list as its page is sorted, for the script that inserts rows."""
    sort = context["request"].GET.get("sort", "")
    return str(take_homes.order_of(interview, sort if sort in take_homes.SORT_LABELS else ""))


@register.filter
def is_unopened(interview: Interview) -> bool:
    return take_homes.is_unopened(interview)


@register.filter
def expires_soon(interview: Interview) -> bool:
    return take_homes.expires_soon(interview)

"""The dashboard's lists: the interviews on each, and the templates that show them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from dashboard.filters import history, take_homes
from interviews.attributes import LIVE, TAKE_HOME
from interviews.lifecycle import FINAL
from interviews.models import Interview


@dataclass(frozen=True)
class ListDefinition:
    """One list.

    `types` are the interview types whose events concern it; it never has others. `contains` tells
    whether an interview is on the page with this query string.
    """

    key: str
    url_name: str
    title: Any
    list_template: str
    row_template: str
    types: tuple[str, ...]
    contains: Callable[[Interview, Mapping[str, str]], bool]


def _is_open(interview: Interview, query: Mapping[str, str]) -> bool:
    return interview.state not in FINAL


# The first two keys are those of `interviews.derived_keys.list_key_of`, which `queries.page` reads.
OPEN_TAKE_HOMES = ListDefinition(
    key=TAKE_HOME,
    url_name="dashboard:take-homes",
    title=_("Take-home tests"),
    list_template="dashboard/take_homes/_list.html",
    row_template="dashboard/take_homes/_row.jinja",
    types=(TAKE_HOME,),
    contains=take_homes.is_listed,
)
CURRENT = ListDefinition(
    key=LIVE,
    url_name="dashboard:live",
    title=_("Live interviews"),
    list_template="dashboard/live_interviews/_list.html",
    row_template="dashboard/live_interviews/_row.jinja",
    types=(LIVE,),
    contains=_is_open,
)
HISTORY = ListDefinition(
    key="history",
    url_name="dashboard:history",
    title=_("History"),
    list_template="dashboard/history/_list.html",
    row_template="dashboard/history/_row.jinja",
    types=(TAKE_HOME, LIVE),
    contains=history.is_listed,
)
LISTS = {each.key: each for each in (OPEN_TAKE_HOMES, CURRENT, HISTORY)}


def home_of(interview: Interview) -> ListDefinition:
    """The list that an interview is on now, ignoring filters."""
    if interview.state in FINAL:
        return HISTORY
    return CURRENT if interview.type == LIVE else OPEN_TAKE_HOMES

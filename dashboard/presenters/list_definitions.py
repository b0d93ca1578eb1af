"""The lists of the dashboard: which interviews each holds, and how it shows one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.filters.history import is_listed
from interviews.lifecycle import FINAL
from interviews.models import REGULAR, TAKE_HOME, Interview


@dataclass(frozen=True)
class ListDefinition:
    """One list. `types`: whose events concern it; nothing of another type is ever on it. `holds`:
    is this interview on it now, given the query string of the page that asks?"""

    key: str
    url_name: str
    title: str
    list: str
    row: str
    types: tuple[str, ...]
    holds: Callable[[Interview, Mapping[str, str]], bool]


def _is_open(interview: Interview, query: Mapping[str, str]) -> bool:
    return interview.state not in FINAL


# The first two keys are those of `interviews.derived_keys.list_key_of`, which `queries.page` reads.
OPEN_TAKE_HOMES = ListDefinition(
    key=TAKE_HOME,
    url_name="dashboard:take-homes",
    title="Take-Home Tests",
    list="dashboard/take_homes/_list.html",
    row="dashboard/take_homes/_row.html",
    types=(TAKE_HOME,),
    holds=_is_open,
)
CURRENT = ListDefinition(
    key=REGULAR,
    url_name="dashboard:live",
    title="Current Interviews",
    list="dashboard/live_interviews/_list.html",
    row="dashboard/live_interviews/_row.html",
    types=(REGULAR,),
    holds=_is_open,
)
HISTORY = ListDefinition(
    key="history",
    url_name="dashboard:history",
    title="History",
    list="dashboard/history/_list.html",
    row="dashboard/history/_row.html",
    types=(TAKE_HOME, REGULAR),
    holds=is_listed,
)
TABS = {tab.key: tab for tab in (OPEN_TAKE_HOMES, CURRENT, HISTORY)}


def home_of(interview: Interview) -> ListDefinition:
    """The list that an interview is on now, whatever a page's filter hides."""
    if interview.state in FINAL:
        return HISTORY
    return CURRENT if interview.type == REGULAR else OPEN_TAKE_HOMES

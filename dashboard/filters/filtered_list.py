"""A list filtered by the query string, and the URLs of its other pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from dashboard.filters.query_filter import Query

# The parameters that say which page of the list it is.
PLACE = ("cursor", "page")


@dataclass(frozen=True)
class FilteredList(Generic[Query]):
    """`query` leaves out each field that `errors` has a message for."""

    url_name: str
    params: Mapping[str, str]
    query: Query
    errors: dict[str, str]
    # The arguments of the list's URL, such as whose list it is.
    url_args: Mapping[str, str] = field(default_factory=dict)

    @property
    def cursor(self) -> str | None:
        return self.params.get("cursor") or None

    @property
    def filter_params(self) -> dict[str, str]:
        """The query parameters that every page of the list keeps."""
        return {name: value for name, value in self.params.items() if value and name not in PLACE}

    @property
    def clear_url(self) -> str:
        """The URL of the unfiltered list."""
        return reverse(self.url_name, kwargs=dict(self.url_args))

    @property
    def first_url(self) -> str:
        """The URL of the first page."""
        return self.clear_url + (f"?{urlencode(self.filter_params)}" if self.filter_params else "")

    def next_url(self, cursor: str | None) -> str:
        """The URL of the page that starts at this cursor."""
        return f"{self.clear_url}?{urlencode(self.filter_params | {'cursor': cursor or ''})}"

    def url_with(self, **params: str) -> str:
        """The URL of the first page with these parameters changed; "" leaves one out."""
        changed = {name: value for name, value in (self.filter_params | params).items() if value}
        return self.clear_url + (f"?{urlencode(changed)}" if changed else "")

    def context(self, cursor: str | None) -> dict[str, object]:
        """Template context; `cursor` is that of the next page."""
        return {
            "query": self.query,
            "params": self.params,
            "errors": self.errors,
            "is_filtered": bool(self.filter_params.keys() - {"zone"}),
            "cursor": self.cursor,
            "clear_url": self.clear_url,
            "first_url": self.first_url,
            "next_url": self.next_url(cursor),
        }


def filtered_list(
    request: HttpRequest, filter_class: type[Query], url_name: str, **url_args: str
) -> FilteredList[Query]:
    """The list as this request filters it."""
    query, errors = filter_class.read(request.GET)
    return FilteredList(url_name, request.GET, query, errors, url_args)

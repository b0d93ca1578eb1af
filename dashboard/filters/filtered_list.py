"""A list that its address narrows: what is asked for, and where the list's other pages are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from dashboard.filters.date_range import Query


@dataclass(frozen=True)
class FilteredList(Generic[Query]):
    """`query` leaves out each field that `errors` has a sentence for."""

    url_name: str
    asked: Mapping[str, str]
    query: Query
    errors: dict[str, str]

    @property
    def cursor(self) -> str | None:
        return self.asked.get("cursor") or None

    @property
    def kept(self) -> dict[str, str]:
        """What every page of the list has in its address."""
        return {name: value for name, value in self.asked.items() if value and name != "cursor"}

    @property
    def whole(self) -> str:
        """The address of the list that nothing narrows."""
        return reverse(self.url_name)

    @property
    def newest(self) -> str:
        """The address of the first page."""
        return self.whole + (f"?{urlencode(self.kept)}" if self.kept else "")

    def older(self, cursor: str | None) -> str:
        """The address of the page that begins there."""
        return f"{self.whole}?{urlencode(self.kept | {'cursor': cursor or ''})}"

    def context(self, cursor: str | None) -> dict[str, object]:
        """For the page's template; `cursor` is that of the next page."""
        return {
            "query": self.query,
            "asked": self.asked,
            "errors": self.errors,
            "is_narrowed": bool(self.kept.keys() - {"zone"}),
            "cursor": self.cursor,
            "whole": self.whole,
            "newest": self.newest,
            "older": self.older(cursor),
        }


def filtered_list(request: HttpRequest, rules: type[Query], url_name: str) -> FilteredList[Query]:
    """As the address of this request asks for it."""
    query, errors = rules.read(request.GET)
    return FilteredList(url_name, request.GET, query, errors)

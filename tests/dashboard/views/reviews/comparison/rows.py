"""Rows of the comparison."""

import csv
from collections.abc import Callable

from django.test import Client

from interviews.models import Interview
from tests.dashboard.html import soup

PAGE = "/challenges/word-count/compare/"
FILE = f"{PAGE}comparison.csv"
API = "/api/challenges/word-count/comparison"
Finish = Callable[..., Interview]


def names(client: Client, query: str = "") -> list[str]:
    page = soup(client.get(f"{PAGE}?{query}"), 200)
    return [each.get_text() for each in page.select(".candidates a.name")]


def rows_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{FILE}?{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(text.splitlines()))

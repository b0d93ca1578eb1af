"""Rows and cells of the history."""

from typing import Any

from interviews.dynamodb import now
from tests.dashboard.html import soup

NOW = now()


def names(response: Any) -> list[str]:
    return [each.get_text() for each in soup(response).select("#rows .name bdi")]


def cells(response: Any) -> dict[str, str]:
    """The texts of the only row."""
    (row,) = soup(response).select("#rows tr")
    return {
        str(cell["data-label"]): " ".join(cell.get_text().split())
        for cell in row.select("td[data-label]")
    }

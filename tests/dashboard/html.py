"""Read the HTML of a response."""

from typing import Any

from bs4 import BeautifulSoup


def soup(response: Any, status: int | None = None) -> Any:
    """The parsed page; with `status`, after checking that of the response."""
    if status is not None:
        assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def text_of(element: Any) -> str:
    """The element's text, with single spaces."""
    return " ".join(element.get_text(" ").split())

"""Requests to the API."""

from typing import Any


def error(response: Any) -> tuple[int, dict[str, str]]:
    assert response["Content-Type"].startswith("application/json")
    body = response.json()
    assert list(body) == ["error"]
    return response.status_code, body["error"]

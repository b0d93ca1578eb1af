"""Send JSON to the API, and format times as it does."""

import json
from typing import Any

from django.test import Client


def post(client: Client, path: str, body: Any = None) -> Any:
    if body is None:
        return client.generic("POST", path)
    return client.post(path, json.dumps(body), content_type="application/json")


def iso(at: Any) -> str:
    return str(at.strftime("%Y-%m-%dT%H:%M:%SZ"))

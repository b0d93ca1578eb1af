"""The Idempotency-Key of a request that creates: sent again, it is answered by what it made.

No table of keys: who asked and the key make the interview's id, and the row holds what was asked.
"""

import hashlib
import json
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Schema
from pydantic import AfterValidator

from dashboard.permissions.decorators import username

MAX_KEY = 255


def _printable(key: str) -> str:
    if not 0 < len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        raise ValueError(f"must have 1 to {MAX_KEY} printable ASCII characters")
    return key


Key = Annotated[
    Annotated[str, AfterValidator(_printable)] | None,
    # Last, or ninja does not see it.
    Header(
        alias="Idempotency-Key",
        description="Any text of your own, new for each request. The same request sent again with "
        "it, after a time-out for instance, is answered with the interview that the first one "
        "made; another request with it is refused (409).",
        examples=["7f4df1c1-ats-4711"],
    ),
]


def once(request: HttpRequest, key: str | None, asked: Schema) -> dict[str, Any]:
    """What `operations.actions` needs to do it once; without a key it is done each time."""
    if key is None:
        return {}
    owner = hashlib.sha256(f"{username(request)}\n{key}".encode()).hexdigest()
    body = json.dumps(asked.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(f"{type(asked).__name__}\n{body}".encode()).hexdigest()
    return {"id_": f"api-{owner[:32]}", "request_digest": digest}

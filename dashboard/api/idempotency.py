"""Idempotency-Key of requests that create: a repeated request returns the interview it created.

There is no table of keys: actor and key determine the interview's id, and its row stores a digest
of the request.
"""

import hashlib
import json
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, Schema
from pydantic import AfterValidator

from dashboard.permissions.decorators import username

MAX_KEY = 255
# Fields that requests got after the first digests were stored.
ADDED_LATER = frozenset({"scheduled_local", "confirm_offset", "interviewers"})


def _printable(key: str) -> str:
    if not 0 < len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        raise ValueError(_("Enter 1 to %(limit)s printable ASCII characters.") % {"limit": MAX_KEY})
    return key


Key = Annotated[
    Annotated[str, AfterValidator(_printable)] | None,
    # ninja only finds it in the last place.
    Header(
        alias="Idempotency-Key",
        description="Any text of your own, new for each request. Repeat a request with the same "
        "key, for example after a timeout, and you get the interview that the first one created. "
        "A different request with the same key is refused (409).",
        examples=["7f4df1c1-ats-4711"],
    ),
]


def idempotency_args(request: HttpRequest, key: str | None, body: Schema) -> dict[str, Any]:
    """Arguments that make `operations.actions` create only once. Without a key there are none."""
    if key is None:
        return {}
    owner = hashlib.sha256(f"{username(request)}\n{key}".encode()).hexdigest()
    sent = body.model_dump(mode="json")
    for name in ADDED_LATER & sent.keys():
        if sent[name] == type(body).model_fields[name].default:
            # A request without it has the digest that earlier versions stored.
            del sent[name]
    content = json.dumps(sent, sort_keys=True)
    digest = hashlib.sha256(f"{type(body).__name__}\n{content}".encode()).hexdigest()
    return {"id_": f"api-{owner[:32]}", "request_digest": digest}

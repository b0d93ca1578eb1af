"""The event stream alone under Daphne, for tests that need a real server and a real browser.

A request with the cookie `staff=yes` is from staff; the passcode of interview X is X itself. With
`rendered_at` the page says that it has everything up to this position of the stream.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from interviews.events import stream_key  # noqa: E402
from operations.sse.consumer import Audience, EventStream, StreamDenied  # noqa: E402
from operations.sse.hub import Hub  # noqa: E402

SCRIPT = Path(__file__).resolve().parents[3] / "static" / "shared" / "stream.js"
PAGE = b"""<!doctype html><title>page</title>%s<p id=badge></p><script src=/stream.js></script>
<script>
window.heard = []; window.syncs = 0; window.states = []; window.now = 0;
window.stream = connectStream({
  url: "/api/events?passcode=" + new URLSearchParams(location.search).get("passcode"),
  onEvent: (name, data) => heard.push([name, data.status]),
  onSync: () => { syncs += 1; },
  onState: (state) => { states.push(state); badge.textContent = state; },
  onClock: (now) => { window.now = now; },
});
</script>"""
refuse_with = 0
opened = 0


async def audience(scope: dict[str, Any]) -> Audience:
    global opened
    if refuse_with:
        code, seconds = ("too_many_streams", 40) if refuse_with == 429 else ("away", 1)
        raise StreamDenied(refuse_with, code, "Not now.", retry_after=seconds)
    passcode = parse_qs(scope["query_string"].decode()).get("passcode")
    if passcode == ["unknown"] or (not passcode and b"staff=yes" not in _cookie(scope)):
        raise StreamDenied(403, "forbidden", "You may not hear this.")
    opened += 1
    return Audience(passcode[0] if passcode else None)


def _cookie(scope: dict[str, Any]) -> bytes:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"cookie", b"")


# It does not watch the tables, which these tests do not have.
hub = Hub(settings.REDIS_URL, stream_key())
stream = EventStream.as_asgi(
    audience=audience,
    hub=lambda: hub,
    heartbeat=float(os.environ.get("HEARTBEAT", "15")),
    lifetime=float(os.environ.get("LIFETIME", "600")),
)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global refuse_with, opened
    path = scope["path"]
    if path == "/api/events":
        await stream(scope, receive, send)
        return
    position = parse_qs(scope["query_string"]).get(b"rendered_at")
    meta = b'<meta name="event-cursor" content="%s">' % position[0] if position else b""
    kind, body = b"text/html", PAGE % meta
    if path == "/stream.js":
        kind, body = b"text/javascript", SCRIPT.read_bytes()
    elif path == "/stats":
        streams = [task for task in asyncio.all_tasks() if task.get_name() == "event-stream"]
        stats = {"listeners": len(hub), "tasks": len(streams), "opened": opened}
        kind, body = b"application/json", json.dumps(stats).encode()
    elif path == "/forget":
        refuse_with, opened = 0, 0
    elif path.startswith("/refuse/"):
        refuse_with = int(path.removeprefix("/refuse/"))
    headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

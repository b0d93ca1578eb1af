"""What the platform is measured beside: Django and a server without anything of ours."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from takehome_platform.local_stack.config import LOOPBACK, free_port

EMPTY = """
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="for-the-bench-only")
import django
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path
async def empty(request):
    return HttpResponse(b"")
urlpatterns = [path("", empty)]
application = get_asgi_application()
"""

# Each client has a queue, and an event is put into all of them or into the first.
PLAIN_STREAMS = """
import asyncio, json
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="for-the-bench-only")
import django
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
queues = []
async def events(request):
    async def stream():
        queue = asyncio.Queue()
        queues.append(queue)
        try:
            yield b"event: beat\\ndata: {}\\n\\n"
            while True:
                yield b"event: interview\\ndata: " + await queue.get() + b"\\n\\n"
        finally:
            queues.remove(queue)
    return StreamingHttpResponse(stream(), content_type="text/event-stream")
async def publish(request):
    for queue in queues if "all" in request.GET else queues[:1]:
        queue.put_nowait(request.GET["data"].encode())
    return HttpResponse(b"")
async def stats(request):
    return JsonResponse({"listeners": len(queues)})
urlpatterns = [path("api/events", events), path("publish", publish), path("stats", stats)]
application = get_asgi_application()
"""

# The floor: no framework, no protocol but the lines that a browser needs.
BARE_STREAMS = """
import asyncio, sys, urllib.parse
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n"
writers = []
async def serve(reader, writer):
    line = (await reader.readuntil(b"\\r\\n\\r\\n")).split(b" ")[1].decode()
    address = urllib.parse.urlsplit(line)
    asked = urllib.parse.parse_qs(address.query)
    if address.path == "/api/events":
        writer.write(HEAD + b"event: beat\\ndata: {}\\n\\n")
        writers.append(writer)
        try:
            await reader.read()
        except ConnectionError:
            pass
        writers.remove(writer)
        writer.close()
        return
    body = b'{"listeners": %d}' % len(writers)
    if address.path == "/publish":
        event = b"event: interview\\ndata: " + asked["data"][0].encode() + b"\\n\\n"
        for each in writers if "all" in asked else writers[:1]:
            each.write(event)
    head = b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n"
    writer.write(head % len(body) + body)
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()
asyncio.run(main())
"""


class Web:
    """A web process, and a browser's session with it."""

    def __init__(
        self, origin: str, process: psutil.Process, session: requests.Session | None = None
    ) -> None:
        self.origin, self.process = origin, process
        self.session = session or requests.Session()

    def processor_ms(self, path: str, times: int) -> float:
        """Milliseconds of processor time of the web process for each of so many answers."""
        before = self._cpu()
        for _ in range(times):
            self.session.get(self.origin + path, timeout=60).raise_for_status()
        return (self._cpu() - before) * 1000 / times

    def wire_bytes(self, path: str) -> int:
        """The bytes of the body as they are sent to a browser."""
        with self.session.get(self.origin + path, stream=True, timeout=60) as response:
            return len(response.raw.read(decode_content=False))

    def _cpu(self) -> float:
        if sys.platform == "linux":
            # The clock of that process, as clock_getcpuclockid(3) names it. psutil counts
            # hundredths of a second.
            return time.clock_gettime((~self.process.pid << 3) | 2)
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def empty_view(*, before_the_first_request: bool = False) -> Iterator[Web]:
    """An empty async Django view in a Daphne of its own."""
    with _daphne(EMPTY) as (port, process):
        web = Web(f"http://{LOOPBACK}:{port}", process)
        if before_the_first_request:
            _wait_until_listening(process, port)
        else:
            _wait_for(web.origin)
        yield web


@contextmanager
def plain_streams() -> Iterator[tuple[int, psutil.Process]]:
    """Streams of a plain async Django view: a port and its process."""
    with _daphne(PLAIN_STREAMS) as (port, process):
        _wait_for(f"http://{LOOPBACK}:{port}/stats")
        yield port, process


@contextmanager
def bare_streams() -> Iterator[tuple[int, psutil.Process]]:
    """Streams of asyncio alone: a port and its process."""
    port = free_port()
    with _process([sys.executable, "-c", BARE_STREAMS, str(port)], None) as process:
        _wait_for(f"http://{LOOPBACK}:{port}/stats")
        yield port, process


@contextmanager
def _daphne(source: str) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "peer.py").write_text(source)
        command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", "peer:application"]
        with _process(command, folder) as process:
            yield port, process


@contextmanager
def _process(command: list[str], folder: str | None) -> Iterator[psutil.Process]:
    process = subprocess.Popen(command, cwd=folder)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait(30)


def _wait_until_listening(process: psutil.Process, port: int) -> None:
    for _ in range(400):
        if any(each.laddr.port == port for each in process.net_connections()):
            return
        time.sleep(0.05)
    raise SystemExit("the empty view did not start")


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            requests.get(address, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("what the platform is measured beside did not start")

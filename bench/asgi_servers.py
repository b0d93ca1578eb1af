"""Compare ASGI servers: `python -m bench.asgi_servers [NAME ...]`, in a venv that has them.

    python -m venv /tmp/servers
    /tmp/servers/bin/pip install -c constraints.txt '.[embedded,dev]' uvicorn granian hypercorn
    /tmp/servers/bin/python -m bench.asgi_servers

Each server runs the product alone, with one process: 200 streams at most, and a few seconds of
requests. docs/asgi-servers.md has the figures and the decision.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from bench.streams import connect, drain
from takehome_platform.local_stack.config import LOOPBACK, ROOT, free_port
from tests.operations.sse.stream_services import redis_server
from tests.services import wait_until
from tests.web_server import PREPARE

STREAMS = 200
PAGES = 200
MEGABYTE = 1024 * 1024
STREAM_APP = "tests.operations.sse.stream_app:application"
PLATFORM = "takehome_platform.asgi:application"
SERVERS = {
    "daphne": "-m daphne -v 0 -b {host} -p {port} {app}",
    # As it is without takehome_platform.request_limits.
    "daphne-alone": "-m bench.asgi_servers --daphne-alone -v 0 -b {host} -p {port} {app}",
    "uvicorn": "-m uvicorn --log-level error --host {host} --port {port} {app}",
    "hypercorn": "-m hypercorn --log-level error --bind {host}:{port} {app}",
    "granian": "-m granian --interface asgi --log-level error --host {host} --port {port} {app}",
}


@contextmanager
def serve(name: str, app: str, env: dict[str, str]) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    command = SERVERS[name].format(host=LOOPBACK, port=port, app=app).split()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: get(port, "/healthz") or get(port, "/stats"), f"{name}: no answer", 60)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def get(port: int, path: str) -> bytes:
    connection = HTTPConnection(LOOPBACK, port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        return body if response.status == 200 else b""
    except (OSError, HTTPException):
        return b""
    finally:
        connection.close()


def memory(process: psutil.Process) -> float:
    """Megabytes of the process and its children."""
    family = [process, *process.children(recursive=True)]
    return sum(each.memory_info().rss for each in family) / MEGABYTE


def streams(name: str, env: dict[str, str]) -> str:
    def listeners(number: int) -> bool:
        return f'"listeners": {number},'.encode() in get(port, "/stats")

    with serve(name, STREAM_APP, env | {"DJANGO_SETTINGS_MODULE": "tests.settings"}) as started:
        port, process = started
        before = memory(process)
        clients = [connect(port, f"/api/events?passcode=t-{n}") for n in range(STREAMS)]
        wait_until(lambda: listeners(STREAMS), "not all are connected", 30)
        drain(clients)
        kilobytes = (memory(process) - before) * 1024 / STREAMS
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            client.close()
        aborted_at = time.perf_counter()
        wait_until(lambda: listeners(0), "aborted streams were kept", 30)
        seconds = time.perf_counter() - aborted_at
    return f"{kilobytes:5.1f} KB a stream, {seconds:5.2f} s to forget {STREAMS} aborted ones"


def pages(port: int) -> str:
    delays = []
    connection = HTTPConnection(LOOPBACK, port, timeout=20)
    for _ in range(PAGES):
        started_at = time.perf_counter()
        connection.request("GET", "/login/")
        connection.getresponse().read()
        delays.append((time.perf_counter() - started_at) * 1000)
    connection.close()
    delays.sort()
    p99 = delays[int(PAGES * 0.99) - 1]
    return f"page: median {statistics.median(delays):5.1f} ms, p99 {p99:5.1f} ms"


def send(port: int, type_: str, parts: list[bytes]) -> str:
    """POST the parts to a page and return the status, or the error that the client has."""
    length = sum(map(len, parts))
    try:
        with socket.create_connection((LOOPBACK, port), timeout=60) as client:
            client.sendall(
                f"POST /login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                f"Content-Type: {type_}\r\nContent-Length: {length}\r\n\r\n".encode()
            )
            for part in parts:
                client.sendall(part)
            return client.recv(65536).decode("latin-1").split(" ")[1]
    except OSError as error:
        return type(error).__name__


def bodies(port: int, process: psutil.Process) -> str:
    """A body of 16 MB, and a form of 1 MB while /healthz is asked."""
    before = memory(process)
    large = send(port, "application/octet-stream", [b"x" * MEGABYTE] * 16)
    kept = memory(process) - before
    waits, done = [0.0], threading.Event()

    def ask() -> None:
        while not done.is_set():
            started_at = time.perf_counter()
            get(port, "/healthz")
            waits.append((time.perf_counter() - started_at) * 1000)

    thread = threading.Thread(target=ask)
    thread.start()
    form = send(port, "application/x-www-form-urlencoded", [b"a=1&" * (MEGABYTE // 4)])
    done.set()
    thread.join()
    return (
        f"16 MB: {large}, {kept:+5.1f} MB kept; form of 1 MB: {form}, "
        f"/healthz waits {max(waits):4.0f} ms at most"
    )


def measure(name: str, folder: Path, redis_url: str) -> None:
    env = os.environ | {
        "DEBUG": "true",
        "SECRET_KEY": "not-a-secret-" * 4,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": redis_url,
        "TEST_REDIS_URL": redis_url,
        "STREAMS_PER_ADDRESS": "0",
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        "PYTHONPATH": str(ROOT),
    }
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", PREPARE], cwd=ROOT, env=env, check=True, capture_output=True
    )
    print(f"{name:13} {streams(name, env)}", flush=True)
    with serve(name, PLATFORM, env) as (port, process):
        print(f"{'':13} {pages(port)}", flush=True)
        print(f"{'':13} {bodies(port, process)}", flush=True)


def daphne_alone(arguments: list[str]) -> None:
    import django
    from daphne.cli import CommandLineInterface

    django.setup()
    from takehome_platform.request_limits import server

    server.install = lambda: None
    CommandLineInterface().run(arguments)


def main() -> None:
    if sys.argv[1:2] == ["--daphne-alone"]:
        daphne_alone(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(SERVERS)}; all if there is none")
    names = parser.parse_args().name or list(SERVERS)
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as redis_:
        for name in names:
            measure(name, Path(folder) / name, redis_.url)


if __name__ == "__main__":
    main()

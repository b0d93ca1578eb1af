"""What an event costs with N listeners: `python -m bench.stream_fanout --connections 1000`.

Starts a Redis and a Daphne of its own on loopback; 4,000 connections and two minutes at most.
"""

import argparse
import resource
import selectors
import socket
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.operations.sse.stream_services import DaphneServer, daphne_server, redis_server
from tests.services import wait_until

MOST = 4000
ENTRY = {"name": "interview", "data": '{"interviewId":"t-0","type":"take-home","status":"active"}'}


def connect(port: int, path: str, cookie: str = "") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    return client


def drain(clients: list[socket.socket]) -> None:
    """Read what has arrived, until every client has got its first heartbeat."""
    for client in clients:
        heard = b""
        while b"event: beat" not in heard:
            heard += client.recv(65536)


def arrivals(clients: list[socket.socket], began: float) -> list[float]:
    """Milliseconds from `began` until each of the clients had the next event."""
    took: list[float] = []
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            waiting.register(client, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(10):
                assert isinstance(key.fileobj, socket.socket)
                if b"event: interview" in key.fileobj.recv(65536):
                    took.append((time.perf_counter() - began) * 1000)
                    waiting.unregister(key.fileobj)
    return took


def measure(server: DaphneServer, redis_client: object, count: int, *, staff: bool) -> None:
    process = psutil.Process(server.process.pid)
    empty = process.memory_info().rss
    path = "/api/events" if staff else "/api/events?passcode="
    clients = [
        connect(server.port, path if staff else f"{path}t-{n}", "staff=yes" if staff else "")
        for n in range(count)
    ]
    wait_until(lambda: server.stats()["listeners"] == count, "not all are connected", 60)
    drain(clients)
    kb = (process.memory_info().rss - empty) / 1024 / count
    heard_by = clients if staff else clients[:1]
    took: list[float] = []
    before = process.cpu_times()
    rounds = 20
    for _ in range(rounds):
        began = time.perf_counter()
        redis_client.xadd("events", {**ENTRY, "interviewId": "t-0"})  # type: ignore[attr-defined]
        took += arrivals(heard_by, began)
    after = process.cpu_times()
    cpu = (after.user + after.system - before.user - before.system) * 1000 / rounds
    took.sort()
    who = "staff, all hear it" if staff else "candidates, one hears it"
    print(
        f"{count:5} {who:25} event to client: median {statistics.median(took):6.1f} ms, "
        f"p99 {took[int(len(took) * 0.99) - 1]:6.1f} ms; "
        f"server CPU {cpu:6.1f} ms an event; {kb:5.1f} KB a connection",
        flush=True,
    )
    began = time.perf_counter()
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    wait_until(lambda: server.stats()["listeners"] == 0, "aborted clients were kept", 30)
    print(f"{'':5} all aborted: {time.perf_counter() - began:.2f} s until none was left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    count = min(parser.parse_args().connections, MOST)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * MOST + 100), hard))
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as redis_,
    ):
        for listeners, staff in ((1, False), (count, False), (count, True)):
            with daphne_server(redis_.url, HEARTBEAT="120") as server:
                measure(server, redis_.client, listeners, staff=staff)


if __name__ == "__main__":
    main()

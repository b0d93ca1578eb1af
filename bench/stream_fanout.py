"""Measure an event with N open streams: `python -m bench.stream_fanout --connections 1000`.

It starts its own Redis and Daphne on loopback; 4,000 connections and two minutes at most.
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

MAX_CONNECTIONS = 4000
ENTRY = {"name": "interview", "data": '{"interviewId":"t-0","type":"take-home","status":"active"}'}


def connect(port: int, path: str, cookie: str = "") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    return client


def drain(clients: list[socket.socket]) -> None:
    """Read until every client has its first heartbeat."""
    for client in clients:
        received = b""
        while b"event: beat" not in received:
            received += client.recv(65536)


def arrival_delays(clients: list[socket.socket], started_at: float) -> list[float]:
    """Milliseconds from `started_at` until each client received the next event."""
    delays: list[float] = []
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            waiting.register(client, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(10):
                assert isinstance(key.fileobj, socket.socket)
                if b"event: interview" in key.fileobj.recv(65536):
                    delays.append((time.perf_counter() - started_at) * 1000)
                    waiting.unregister(key.fileobj)
    return delays


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
    recipients = clients if staff else clients[:1]
    delays: list[float] = []
    before = process.cpu_times()
    rounds = 20
    for _ in range(rounds):
        started_at = time.perf_counter()
        redis_client.xadd("events", {**ENTRY, "interviewId": "t-0"})  # type: ignore[attr-defined]
        delays += arrival_delays(recipients, started_at)
    after = process.cpu_times()
    cpu = (after.user + after.system - before.user - before.system) * 1000 / rounds
    delays.sort()
    who = "staff, all get it" if staff else "candidates, one gets it"
    print(
        f"{count:5} {who:25} event to client: median {statistics.median(delays):6.1f} ms, "
        f"p99 {delays[int(len(delays) * 0.99) - 1]:6.1f} ms; "
        f"server CPU {cpu:6.1f} ms an event; {kb:5.1f} KB a connection",
        flush=True,
    )
    started_at = time.perf_counter()
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    wait_until(lambda: server.stats()["listeners"] == 0, "aborted clients were kept", 30)
    print(f"{'':5} all aborted: {time.perf_counter() - started_at:.2f} s until none was left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    count = min(parser.parse_args().connections, MAX_CONNECTIONS)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * MAX_CONNECTIONS + 100), hard))
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as redis_,
    ):
        for listeners, staff in ((1, False), (count, False), (count, True)):
            with daphne_server(redis_.url, HEARTBEAT="120", STREAMS_PER_ADDRESS="0") as server:
                measure(server, redis_.client, listeners, staff=staff)


if __name__ == "__main__":
    main()

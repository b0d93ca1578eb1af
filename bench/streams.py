"""Measure the event stream with many clients: `python -m bench.streams --connections 4000`.

The stream alone in a Daphne of its own with a Redis, beside a plain async Django view in Daphne and
bare asyncio: memory and processor time of a stream, how soon an event is at one and at all of
them, and how soon aborted ones are forgotten. All on loopback; 4,000 connections at most.
"""

import argparse
import json
import resource
import selectors
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

from bench.figures import HEADER, Bar, Figure, percentile, row
from bench.peers import bare_streams, plain_streams
from takehome_platform.local_stack.config import LOOPBACK
from tests.operations.sse.stream_services import daphne_server, redis_server
from tests.services import wait_until

MAX_CONNECTIONS = 4000
FEW = 50
ROUNDS = 20
EVENT = '{"interviewId":"t-0","type":"take-home","status":"active"}'
OURS, PLAIN, BARE = "this", "plain Django", "bare asyncio"


def connect(port: int, path: str, cookie: str = "") -> socket.socket:
    client = socket.create_connection((LOOPBACK, port))
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


@dataclass(frozen=True)
class Server:
    """One that has streams: where to connect, its process, and how to publish an event."""

    port: int
    process: psutil.Process
    publish: Callable[[bool], None]
    """To all, or to the first client alone."""

    def open(self, count: int, *, staff: bool) -> list[socket.socket]:
        """So many streams that have had their first heartbeat."""
        path = "/api/events" if staff else "/api/events?passcode=t-"
        clients = [
            connect(self.port, path if staff else f"{path}{n}", "staff=yes" if staff else "")
            for n in range(count)
        ]
        drain(clients)
        wait_until(lambda: self.listeners() == count, "not all are connected", 60)
        return clients

    def listeners(self) -> int:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=30)
        connection.request("GET", "/stats")
        found = int(json.loads(connection.getresponse().read())["listeners"])
        connection.close()
        return found

    def abort(self, clients: list[socket.socket]) -> float:
        """Cut all of them off; returns the seconds until the server has forgotten them."""
        began = time.perf_counter()
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            client.close()
        wait_until(lambda: self.listeners() == 0, "aborted clients were kept", 60)
        return time.perf_counter() - began


@dataclass(frozen=True)
class Found:
    kilobytes: float
    open_ms: float
    """Processor time of the server."""
    one_p99: float
    one_p99_among_few: float
    all_p99: float
    abort_seconds: float


def look_at(server: Server, count: int, rounds: int) -> Found:
    few = server.open(min(FEW, count), staff=False)
    one_among_few = _delays(server, few[:1], rounds, to_all=False)
    server.abort(few)
    memory, began = server.process.memory_info().rss, _processor(server)
    clients = server.open(count, staff=False)
    opened = (_processor(server) - began) * 1000 / count
    kilobytes = (server.process.memory_info().rss - memory) / 1024 / count
    one = _delays(server, clients[:1], rounds, to_all=False)
    server.abort(clients)
    clients = server.open(count, staff=True)
    all_ = _delays(server, clients, rounds, to_all=True)
    aborted = server.abort(clients)
    return Found(
        kilobytes,
        opened,
        percentile(one, 0.99),
        percentile(one_among_few, 0.99),
        percentile(all_, 0.99),
        aborted,
    )


def _delays(
    server: Server, recipients: list[socket.socket], rounds: int, *, to_all: bool
) -> list[float]:
    delays: list[float] = []
    # One recipient gives one delay a round.
    for _ in range(rounds if to_all else rounds * 10):
        began = time.perf_counter()
        server.publish(to_all)
        delays += arrival_delays(recipients, began)
    return delays


def _processor(server: Server) -> float:
    return float(sum(server.process.cpu_times()[:2]))


@contextmanager
def ours(redis_url: str, redis_client: object) -> Iterator[Server]:
    def publish(to_all: bool) -> None:
        # Staff hears of every interview, a candidate of the own one.
        entry = {"name": "interview", "data": EVENT, "interviewId": "t-0"}
        redis_client.xadd("events", entry)  # type: ignore[attr-defined]

    with daphne_server(redis_url, HEARTBEAT="120", STREAMS_PER_ADDRESS="0") as server:
        yield Server(server.port, psutil.Process(server.process.pid), publish)


def _peer(started: tuple[int, psutil.Process]) -> Server:
    port, process = started

    def publish(to_all: bool) -> None:
        connection = HTTPConnection(LOOPBACK, port, timeout=60)
        data = EVENT.replace('"', "%22")
        connection.request("GET", f"/publish?data={data}{'&all=1' if to_all else ''}")
        connection.close()

    return Server(port, process, publish)


def measure(quick: bool, *, connections: int = MAX_CONNECTIONS) -> Iterator[Figure]:
    count, rounds = (20, 2) if quick else (min(connections, MAX_CONNECTIONS), ROUNDS)
    _allow_files()
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as redis_:
        with ours(redis_.url, redis_.client) as server:
            found[OURS] = look_at(server, count, rounds)
        with plain_streams() as started:
            found[PLAIN] = look_at(_peer(started), count, rounds)
        with bare_streams() as started:
            found[BARE] = look_at(_peer(started), count, rounds)

    def beside(of: Callable[[Found], float]) -> str:
        return ", ".join(f"{name} {of(found[name]):.3g}" for name in (PLAIN, BARE))

    own = found[OURS]
    all_ = f"streams: of {count:,}, "
    yield Figure(
        f"{all_}memory of one", own.kilobytes, "KB", Bar(18), beside(lambda each: each.kilobytes)
    )
    yield Figure(
        f"{all_}processor time to open one",
        own.open_ms,
        "ms",
        Bar(2),
        beside(lambda each: each.open_ms),
    )
    yield Figure(
        f"{all_}event at all, p99", own.all_p99, "ms", Bar(250), beside(lambda each: each.all_p99)
    )
    yield Figure(
        f"{all_}event at one, p99, of that among {FEW}",
        own.one_p99 / own.one_p99_among_few,
        "x",
        Bar(1.2),
        f"{own.one_p99:.1f} and {own.one_p99_among_few:.1f} ms",
    )
    yield Figure(
        f"{all_}until all aborted are forgotten",
        own.abort_seconds,
        "s",
        Bar(0.4 * count / 2000),
        beside(lambda each: each.abort_seconds),
    )


def _allow_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * MAX_CONNECTIONS + 100), hard))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1000)
    print(HEADER)
    for figure in measure(quick=False, connections=parser.parse_args().connections):
        print(row(figure), flush=True)


if __name__ == "__main__":
    main()

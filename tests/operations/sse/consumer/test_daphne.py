"""The SSE consumer under Daphne, with a real Redis."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interviews.events import LogAdded, publish
from operations.sse.consumer import (
    HEARTBEAT_SECONDS,
)
from tests.operations.sse.consumer.connecting import change
from tests.operations.sse.stream_services import (
    DaphneServer,
    Listener,
    RedisServer,
    daphne_server,
    redis_server,
)
from tests.services import wait_until

STAFF = {"cookie": "staff=yes"}


@pytest.fixture(scope="module")
def daphne(redis_: RedisServer) -> Iterator[DaphneServer]:
    with daphne_server(redis_.url) as server:
        yield server


def test_headers_and_first_bytes_are_sent_before_any_event(daphne: DaphneServer) -> None:
    # A heartbeat, which would push out what a server holds back, comes later than this gives up.
    listener = Listener(daphne.port, "/api/events", STAFF, timeout=HEARTBEAT_SECONDS / 2)
    headers = {k.lower(): v for k, v in listener.response.getheaders()}
    first = listener.next_block()
    names = ("content-type", "cache-control", "x-accel-buffering", "x-content-type-options")
    assert {name: headers.get(name) for name in names} == {
        "content-type": "text/event-stream",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
    }
    assert "content-encoding" not in headers
    assert first == ["retry: 2000", ": events"]
    assert listener.next("sync", "beat")["event"] == "sync"
    listener.close()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/events", {}),
        ("/api/events?passcode=", {}),
        ("/api/events?passcode=unknown", {}),
        ("/api/events?passcode=unknown", STAFF),
        ("/api/events?after=0-0", {"Last-Event-ID": "1-1"}),
    ],
)
def test_unauthorized_client_gets_403(
    daphne: DaphneServer, path: str, headers: dict[str, str]
) -> None:
    listener = Listener(daphne.port, path, headers)
    assert listener.response.status == 403
    assert json.loads(listener.response.read())["error"]["code"] == "forbidden"
    listener.close()


def test_fault_15_a_candidate_hears_its_own_interview_and_no_log(daphne: DaphneServer) -> None:
    own = Listener(daphne.port, "/api/events?passcode=takehome-own")
    staff = Listener(daphne.port, "/api/events", STAFF)
    own.next("beat")
    staff.next("beat")
    publish(LogAdded("takehome-own", "op-1"))
    change("takehome-other", "revoked")
    change("takehome-own", "completed")
    assert json.loads(own.next("interview", "log", "operation")["data"]) == {
        "interviewId": "takehome-own",
        "type": "take-home",
        "status": "completed",
    }
    assert [staff.next("interview", "log")["event"] for _ in range(3)] == [
        "log",
        "interview",
        "interview",
    ]
    own.close()
    staff.close()


@pytest.mark.parametrize("way", ["header", "query", "both"])
def test_last_event_id_replays_exactly_the_missed_events(daphne: DaphneServer, way: str) -> None:
    path = "/api/events?passcode=takehome-r"
    listener = Listener(daphne.port, path)
    listener.next("beat")
    change("takehome-r", "status-0")
    cursor = listener.next("interview")["id"]
    listener.close()
    for number in range(1, 4):
        change("takehome-r", f"status-{number}")
        change("takehome-x", "noise")
    header = {"Last-Event-ID": cursor} if way != "query" else {}
    query = {"header": "", "query": f"&after={cursor}", "both": "&after=1-1"}[way]
    back = Listener(daphne.port, path + query, header)
    heard = [back.next("interview", "sync") for _ in range(3)]
    names = [json.loads(message["data"]).get("status") for message in heard]
    assert names == ["status-1", "status-2", "status-3"]
    back.close()


def test_two_hundred_aborted_clients_leave_no_task(daphne: DaphneServer) -> None:
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners")
    clients = []
    for number in range(200):
        client = socket.create_connection(("127.0.0.1", daphne.port))
        client.sendall(f"GET /api/events?passcode=t-{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        clients.append(client)
    wait_until(lambda: daphne.stats()["listeners"] == 200, "not 200 listeners")
    for client in clients:
        # A connection reset, as when a phone loses its network.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners", 5)
    assert daphne.stats()["tasks"] == 0


def test_client_that_stops_reading_is_disconnected(
    daphne: DaphneServer, redis_: RedisServer
) -> None:
    wait_until(lambda: daphne.stats()["listeners"] == 0, "not 0 listeners")
    with socket.create_connection(("127.0.0.1", daphne.port)) as client:
        client.sendall(b"GET /api/events HTTP/1.1\r\nHost: x\r\nCookie: staff=yes\r\n\r\n")
        wait_until(lambda: daphne.stats()["listeners"] == 1, "not 1 listeners")
        fields: Any = {
            "name": "log",
            "interviewId": "takehome-1",
            "data": '{"pad":"' + "x" * 300 + '"}',
        }

        def gone() -> bool:
            for _ in range(100):
                redis_.client.xadd("events", fields, maxlen=10_000)
            return daphne.stats()["listeners"] == 0

        wait_until(gone, "the stream of a client that does not read goes on")


def test_daphne_ends_open_streams_and_stops(redis_: RedisServer) -> None:
    with daphne_server(redis_.url) as server:
        listeners = [Listener(server.port, f"/api/events?passcode=t-{n}") for n in range(20)]
        for listener in listeners:
            listener.next("beat")
        server.terminate()
        lines = server.output().splitlines()
        assert [line for line in lines if "[pynamodb.settings]" not in line] == []
        for listener in listeners:
            listener.close()


def test_redis_restart_under_daphne_is_reported_and_recovers(tmp_path: Path) -> None:
    with redis_server(tmp_path) as mortal, daphne_server(mortal.url, HEARTBEAT="0.5") as server:
        listener = Listener(server.port, "/api/events", STAFF)
        listener.next("beat")
        mortal.kill()
        # One for the transition, and one for each heartbeat meanwhile.
        assert [listener.next("down", "beat")["event"] for _ in range(3)][-2:] == ["down", "down"]
        mortal.start()
        listener.next("sync")
        listener.next("beat")
        entry: Any = {
            "name": "interview",
            "interviewId": "takehome-1",
            "data": '{"status":"active"}',
        }
        mortal.client.xadd("events", entry)
        assert json.loads(listener.next("interview")["data"]) == {"status": "active"}
        listener.close()

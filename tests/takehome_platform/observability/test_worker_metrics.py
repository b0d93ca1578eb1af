"""A worker's own /metrics, on a real port."""

import socket
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from takehome_platform.local_stack.config import free_port
from takehome_platform.observability import celery_signals, worker_metrics
from takehome_platform.observability.worker_metrics import MetricsServer
from tests.services import wait_until

TOKEN = "t" * 40


@pytest.fixture
def serve() -> Iterator[Callable[[], MetricsServer]]:
    """Call it to start a server with the current settings."""
    served: list[MetricsServer] = []

    def call() -> MetricsServer:
        server = worker_metrics.serve_metrics(free_port())
        assert server is not None
        served.append(server)
        return server

    yield call
    for server in served:
        server.shutdown()
        server.server_close()


def read(
    server: MetricsServer, path: str = "/metrics", authorization: str = ""
) -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}{path}")
    if authorization:
        request.add_header("Authorization", authorization)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_without_a_token_it_listens_on_loopback_only(serve: Callable[[], MetricsServer]) -> None:
    server = serve()
    assert server.server_address[0] == "127.0.0.1"
    status, body = read(server)
    assert status == 200
    assert b"takehome_operations_total" in body


def test_with_a_token_clients_need_it(settings: Any, serve: Callable[[], MetricsServer]) -> None:
    settings.METRICS_TOKEN = TOKEN
    server = serve()
    assert server.server_address[0] == "0.0.0.0"
    assert read(server, authorization=f"Bearer {TOKEN}")[0] == 200
    for authorization in ("", TOKEN, "Bearer wrong", "Bearer "):
        status, body = read(server, authorization=authorization)
        assert (status, b"takehome_" in body) == (401, False)


def test_client_that_disconnects_is_logged_without_a_traceback(
    serve: Callable[[], MetricsServer],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = serve()
    with socket.create_connection(("127.0.0.1", server.server_port)) as visitor:
        # Closed with a reset, as a load balancer does that only looks whether the port is open.
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: "figures_not_sent" in caplog.text, "nothing was logged")
    assert "ConnectionResetError" in caplog.text
    assert "Traceback" not in capsys.readouterr().err
    assert read(server)[0] == 200


def test_other_paths_are_not_found(serve: Callable[[], MetricsServer]) -> None:
    assert read(serve(), "/")[0] == 404


def test_worker_works_without_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert worker_metrics.serve_metrics(taken.getsockname()[1]) is None


@pytest.mark.parametrize(("port", "served"), [(0, []), (9100, [9100])])
def test_worker_serves_on_the_configured_port(
    settings: Any, monkeypatch: pytest.MonkeyPatch, port: int, served: list[int]
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(worker_metrics, "serve_metrics", asked.append)
    settings.METRICS_PORT = port
    celery_signals.start_metrics_server()
    assert asked == served

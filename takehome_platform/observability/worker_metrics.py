"""A worker's own /metrics, on METRICS_PORT: it has no web server of its own."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from takehome_platform.observability.metrics import REFUSED, has_token

logger = structlog.get_logger(__name__)


class Figures(BaseHTTPRequestHandler):
    """Figures for who has the token; without one the port is open to this machine alone."""

    timeout = 5  # seconds; somebody who says nothing keeps no thread

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, b"There is only /metrics here.\n")
        elif settings.METRICS_TOKEN and not has_token(self.headers.get("Authorization", "")):
            self._answer(401, REFUSED.encode())
        else:
            self._answer(200, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)

    def _answer(self, status: int, body: bytes, content_type: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "takehome-platform"

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape is no news."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone: the original writes a traceback past the log."""
        logger.info("figures_not_sent", reason=type(sys.exception()).__name__)


def serve(port: int) -> Server | None:
    """Serve from a thread of its own; None where the port is taken: a worker works without, too."""
    host = "" if settings.METRICS_TOKEN else "127.0.0.1"
    try:
        server = Server((host, port), Figures)
    except OSError as error:
        logger.warning("figures_not_served", port=port, reason=error.strerror)
        return None
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()
    return server

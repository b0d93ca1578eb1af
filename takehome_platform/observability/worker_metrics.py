"""A worker's own /metrics on METRICS_PORT, because a worker has no web server."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from takehome_platform.observability.metrics import UNAUTHORIZED, has_token

logger = structlog.get_logger(__name__)


class MetricsHandler(BaseHTTPRequestHandler):
    """Serves the metrics to clients with METRICS_TOKEN, or to this machine if there is none."""

    timeout = 5  # seconds, so that a silent client does not hold a thread

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._respond(404, b"There is only /metrics here.\n")
        elif settings.METRICS_TOKEN and not has_token(self.headers.get("Authorization", "")):
            self._respond(401, UNAUTHORIZED.encode())
        else:
            self._respond(200, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)

    def _respond(self, status: int, body: bytes, content_type: str = "text/plain") -> None:
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
        """Scrapes are not logged."""


class MetricsServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that the client disconnected; the original prints a traceback past the log."""
        logger.info("figures_not_sent", reason=type(sys.exception()).__name__)


def serve_metrics(port: int) -> MetricsServer | None:
    """Serve from a thread; None if the port is taken, since a worker also works without."""
    host = "" if settings.METRICS_TOKEN else "127.0.0.1"
    try:
        server = MetricsServer((host, port), MetricsHandler)
    except OSError as error:
        logger.warning("figures_not_served", port=port, reason=error.strerror)
        return None
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()
    return server

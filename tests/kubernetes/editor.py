"""A stub of code-server that starts immediately. Its port is that of its Pod: see `kubelet`."""

import http.server
import json
import os
import sys
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200 if self.path == "/healthz" else 404, b"")

    def do_POST(self) -> None:
        refused = (Path.home() / ".refuse-sign-in").exists()
        self._answer(200, b"Login rate limited" if refused else b"Welcome")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


if __name__ == "__main__":
    settings = json.loads((Path.home() / ".config/code-server/config.yaml").read_text())
    if not settings["hashed-password"] or Path.cwd().name != "project":
        sys.exit(1)
    address = ("127.0.0.1", int(os.environ["SIMULATED_PORT"]))
    http.server.ThreadingHTTPServer(address, Handler).serve_forever()

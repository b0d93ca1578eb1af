#!/usr/bin/env python3
"""Stands in for code-server: reads its config file, answers /healthz, and starts in a moment.

`--config FILE FOLDER`, as code-server is called. It writes its process id into FOLDER/../started,
one line per start.
"""

import http.server
import json
import os
import sys
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


if __name__ == "__main__":
    config, folder = sys.argv[2:4]
    host, _, port = json.loads(Path(config).read_text())["bind-addr"].rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    with (Path(folder).parent / "started").open("a") as file:
        file.write(f"{os.getpid()}\n")
    server.serve_forever()

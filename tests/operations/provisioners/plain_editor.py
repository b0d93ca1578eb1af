#!/usr/bin/env python3
"""A stub of code-server that reads its config file, answers /healthz and starts immediately.

Its arguments are code-server's: `--config FILE FOLDER`. Each start appends the process id to
FOLDER/../started.
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

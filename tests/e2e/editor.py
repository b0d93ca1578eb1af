"""A small editor for the workspaces of these tests: a folder behind a password, in one process.

CODE_SERVER names it, and it is started like code-server: `editor.py --config FILE FOLDER`.
JupyterLab needs three seconds of a processor to start and five more to load in a browser. It has
tests of its own, and `test_migration.py` opens it.
"""

import hashlib
import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote

LOGIN = (
    b"<!doctype html><title>Sign in</title><form method=post action=/login>"
    b"<input type=password name=password><button type=submit>Sign in</button></form>"
)
EDITOR = b"<!doctype html><title>Editor</title><main id=main>The files are here.</main>"


class Handler(BaseHTTPRequestHandler):
    """Asks for the password, then reads and writes files at `/files/<path>`."""

    session: str
    folder: Path

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._send(b"{}")
        elif not self._is_signed_in():
            self._send(LOGIN, HTTPStatus.OK if self.path == "/" else HTTPStatus.UNAUTHORIZED)
        elif self.path.startswith("/files/"):
            path = self._file()
            found = path.is_file()
            self._send(
                path.read_bytes() if found else b"",
                HTTPStatus.OK if found else HTTPStatus.NOT_FOUND,
            )
        else:
            self._send(EDITOR)

    def do_POST(self) -> None:
        password = parse_qs(self._body().decode()).get("password", [""])[0]
        if hashlib.sha256(password.encode()).hexdigest() != self.session:
            self._send(LOGIN)
            return
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Set-Cookie", f"session={self.session}; HttpOnly; SameSite=Lax; Path=/")
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        body = self._body()
        if not self._is_signed_in():
            self._send(b"", HTTPStatus.UNAUTHORIZED)
            return
        self._file().write_bytes(body)
        self._send(b"")

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _is_signed_in(self) -> bool:
        return f"session={self.session}" in self.headers.get("Cookie", "")

    def _file(self) -> Path:
        return self.folder / unquote(self.path.removeprefix("/files/"))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, body: bytes, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def program(folder: Path) -> Path:
    """Write the program that CODE_SERVER names into the folder."""
    path = folder / "editor"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "$@"\n')
    path.chmod(0o755)
    return path


def main() -> None:
    config = json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
    Handler.session = config["hashed-password"]
    Handler.folder = Path(sys.argv[-1])
    host, _, port = config["bind-addr"].rpartition(":")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()

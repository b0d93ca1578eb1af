"""The HTTP health check of an editor, the same for every provisioner."""

import re
import socket
import time

TIMEOUT_SECONDS = 8.0
STATUS_OK = re.compile(rb"HTTP/1\.[01] 200[ \r]")
# The most that is read of a response.
STATUS_LINE_BYTES = 64


def is_answering(host: str, port: int, path: str) -> bool:
    """Return whether GET `path` answers 200 within TIMEOUT_SECONDS.

    A refused connection and a timeout count as False. Only the status line is read: the program
    that listens there may be the candidate's and could send an endless response.

    Raises:
        OSError: if the check itself fails, so that nothing is known about the editor.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    url_host = f"[{host}]" if ":" in host else host
    request = f"GET {path} HTTP/1.1\r\nHost: {url_host}:{port}\r\nConnection: close\r\n\r\n"
    line = b""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(request.encode())
            while b"\n" not in line and len(line) < STATUS_LINE_BYTES:
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
                chunk = connection.recv(STATUS_LINE_BYTES)
                if not chunk:
                    break
                line += chunk
    except (ConnectionError, TimeoutError):
        return False
    return STATUS_OK.match(line) is not None

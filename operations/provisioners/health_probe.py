"""Does an editor answer? The question that every engine asks in the same way."""

import re
import socket
import time

TIMEOUT = 8.0  # seconds
STATUS_OK = re.compile(rb"HTTP/1\.[01] 200[ \r]")
LINE = 64  # bytes of the answer that are read at most


def is_answering(host: str, port: int, path: str) -> bool:
    """Whether a GET of `path` is answered by 200 in time; False where nobody listens, or too slow.

    Only the first line is read: what listens there may be a program of the candidate's, which could
    answer for ever. Raises OSError where it could not be found out.
    """
    deadline = time.monotonic() + TIMEOUT
    shown = f"[{host}]" if ":" in host else host
    request = f"GET {path} HTTP/1.1\r\nHost: {shown}:{port}\r\nConnection: close\r\n\r\n"
    line = b""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT) as connection:
            connection.sendall(request.encode())
            while b"\n" not in line and len(line) < LINE:
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
                chunk = connection.recv(LINE)
                if not chunk:
                    break
                line += chunk
    except (ConnectionError, TimeoutError):
        return False
    return STATUS_OK.match(line) is not None

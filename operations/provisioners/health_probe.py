"""The HTTP health checks of an editor, the same for every provisioner."""

import re
import socket
import time

TIMEOUT_SECONDS = 8.0
STATUS_OK = re.compile(rb"HTTP/1\.[01] 200[ \r]")
# The most that is read of a response.
STATUS_LINE_BYTES = 64
# code-server's page for a sign-in after too many wrong ones has status 200 and this text.
REFUSAL = b"Login rate limited"
PAGE_BYTES = 64 * 1024


def is_answering(host: str, port: int, path: str) -> bool:
    """Return whether GET `path` answers 200 within TIMEOUT_SECONDS.

    A refused connection and a timeout count as False. Only the status line is read: the program
    that listens there may be the candidate's and could send an endless response.

    Raises:
        OSError: if the check itself fails, so that nothing is known about the editor.
    """
    line = _response(host, port, f"GET {path}", "", b"\n", STATUS_LINE_BYTES)
    return STATUS_OK.match(line) is not None


def is_sign_in_refused(host: str, port: int) -> bool:
    """Return whether code-server refuses every sign-in because there were too many wrong ones.

    It says so before it looks for a password, so none is sent, and the request counts as none.

    Raises:
        OSError: if the check itself fails, so that nothing is known about the editor.
    """
    headers = "Content-Length: 0\r\n"
    return REFUSAL in _response(host, port, "POST /login", headers, REFUSAL, PAGE_BYTES)


def _response(
    host: str, port: int, request_line: str, headers: str, until: bytes, most_bytes: int
) -> bytes:
    """Return the start of the response, as far as `until`; b"" if the connection fails."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    url_host = f"[{host}]" if ":" in host else host
    request = (
        f"{request_line} HTTP/1.1\r\nHost: {url_host}:{port}\r\n{headers}Connection: close\r\n\r\n"
    )
    received = b""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(request.encode())
            while until not in received and len(received) < most_bytes:
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
                chunk = connection.recv(most_bytes - len(received))
                if not chunk:
                    break
                received += chunk
    except (ConnectionError, TimeoutError):
        return b""
    return received

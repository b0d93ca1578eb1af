"""The sidecar of a workspace: it answers whether the workspace may go on, until its deadline.

The kubelet asks it for the editor's liveness probe, and ends the editor once it says no. It runs in
a container of the platform's own image as a program of its own, so that it imports nothing but the
standard library.
"""

import socket
import sys
import time

# A slow client, such as a program of the candidate's, must not keep the kubelet waiting.
CLIENT_SECONDS = 1.0


def may_go_on(deadline_file: str) -> bool:
    """Return whether the deadline in the file (epoch seconds) is to come, or is unknown."""
    try:
        with open(deadline_file, encoding="ascii") as file:  # noqa: PTH123 - starts sooner
            return time.time() < int(file.read())
    except (OSError, ValueError):
        return True


def serve(port: int, deadline_file: str) -> None:
    # The port stays taken after the deadline, so that no program of the candidate answers there.
    with socket.create_server(("", port), family=socket.AF_INET, backlog=64) as server:
        while True:
            client, _ = server.accept()
            with client:
                client.settimeout(CLIENT_SECONDS)
                try:
                    client.recv(4096)
                    status = "200 OK" if may_go_on(deadline_file) else "503 Time is up"
                    headers = "Content-Length: 0\r\nConnection: close"
                    client.sendall(f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode())
                except OSError:
                    continue


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])

"""Choose the port of an editor."""

import random
import socket
import time
from collections.abc import Collection

from operations.provisioners.base import ProvisionError

# Below the ephemeral ports, which outgoing connections may occupy.
PORTS = range(20_000, 30_000)

# How long a start waits for the workspace's previous port.
PORT_WAIT_SECONDS = 2.0


def choose_port(host: str, previous_port: int | None, taken: Collection[int | None]) -> int:
    """Return the previous port, or else a free one that is not among those of other workspaces.

    Raises:
        ProvisionError: if none is free of those that were tried.
    """
    if previous_port is not None and _wait_until_free(host, previous_port):
        return previous_port
    for port in random.sample(PORTS, min(200, len(PORTS))):
        if port not in taken and _is_free(host, port):
            return port
    raise ProvisionError("start", f"No port is free on {host}, of those that were tried.")


def _wait_until_free(host: str, port: int) -> bool:
    """Wait up to PORT_WAIT_SECONDS for the port; return whether it is free.

    A process that was just killed holds its port for a moment, and keeping the port keeps the
    workspace's address.
    """
    deadline = time.monotonic() + PORT_WAIT_SECONDS
    while not _is_free(host, port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_free(host: str, port: int) -> bool:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, socket_type, _, _, address = addresses[0]
    with socket.socket(family, socket_type) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True

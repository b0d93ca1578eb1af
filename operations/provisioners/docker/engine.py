"""Connect to a Docker engine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from docker import DockerClient
from docker.errors import DockerException

from operations.provisioners.docker.errors import translate_errors

# For one response of the engine, some of which take long.
TIMEOUT_SECONDS = 120


@contextmanager
def connect(host: str, step: str) -> Iterator[DockerClient]:
    """Yield a client for one call of the provisioner.

    Raises:
        ProvisionError: of that step, if the engine or the block fails.
    """
    with translate_errors(step, host):
        _check_socket(host)
        client = DockerClient(base_url=host, version="auto", timeout=TIMEOUT_SECONDS)
        try:
            yield client
        finally:
            client.close()


def _check_socket(host: str) -> None:
    """Check that the engine's socket accepts connections; otherwise DockerClient leaks a socket.

    Raises:
        DockerException: if it does not.
    """
    parts = urlsplit(host)
    if parts.scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(TIMEOUT_SECONDS)
        try:
            probe.connect(parts.path)
        except OSError as error:
            raise DockerException(repr(error)) from error

"""Connect to a Docker engine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from docker import DockerClient
from docker.errors import DockerException

from operations.provisioners.docker.errors import translate_errors
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.tls import tls_config

# For one response of the engine, some of which take long.
TIMEOUT_SECONDS = 120
# For one response during a check, which takes moments. Many checks may wait for a hung engine.
CHECK_TIMEOUT_SECONDS = 20


@contextmanager
def connect(
    engine: DockerOptions, step: str, *, timeout_seconds: int = TIMEOUT_SECONDS
) -> Iterator[DockerClient]:
    """Yield a client for one call of the provisioner; the timeout is for each response.

    Raises:
        ProvisionError: of that step, if the engine or the block fails.
    """
    with translate_errors(step, engine):
        _check_socket(engine.host, timeout_seconds)
        client = DockerClient(
            base_url=engine.host,
            version="auto",
            timeout=timeout_seconds,
            tls=tls_config(engine.tls),
        )
        try:
            yield client
        finally:
            client.close()


def _check_socket(host: str, timeout_seconds: int) -> None:
    """Check that the engine's socket accepts connections; otherwise DockerClient leaks a socket.

    Raises:
        DockerException: if it does not.
    """
    parts = urlsplit(host)
    if parts.scheme != "unix":
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(timeout_seconds)
        try:
            probe.connect(parts.path)
        except OSError as error:
            raise DockerException(repr(error)) from error

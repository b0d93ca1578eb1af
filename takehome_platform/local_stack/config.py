"""The settings of `make run`, validated before any process is started."""

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from takehome_platform.bootstrap import SECRET_KEY_BYTES, read_or_create_secret

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = "127.0.0.1"
ADMIN_PASSWORD_BYTES = 12
# Below the ephemeral ports, of which an outgoing connection may take one before it is listened on,
# and below those of workspaces (`operations.provisioners.local.ports`).
FREE_PORTS = range(10_000, 20_000)
_returned: set[int] = set()


class StartupError(Exception):
    """The platform cannot start; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Config:
    """What PORT, HOST, DATA_DIR, ADMIN_PASSWORD and SECRET_KEY say, with their defaults."""

    host: str
    port: int
    data_dir: Path
    admin_password: str = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def base_url(self) -> str:
        """Where a browser on this machine finds the dashboard."""
        host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"


def read_config(environ: Mapping[str, str]) -> Config:
    """Read the environment, and create DATA_DIR with the secrets that are kept in it.

    Raises:
        StartupError: if PORT is no port number, or DATA_DIR cannot be written.
    """
    port = environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise StartupError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    data_dir = Path(environ.get("DATA_DIR") or ROOT / "data").expanduser().resolve()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "logs").mkdir(exist_ok=True)
        return Config(
            host=environ.get("HOST") or LOOPBACK,
            port=int(port),
            data_dir=data_dir,
            admin_password=environ.get("ADMIN_PASSWORD")
            or read_or_create_secret(data_dir / "admin_password", ADMIN_PASSWORD_BYTES),
            secret_key=environ.get("SECRET_KEY")
            or read_or_create_secret(data_dir / "secret_key", SECRET_KEY_BYTES),
        )
    except OSError as error:
        raise StartupError(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}): "
            "choose another with DATA_DIR=/some/folder make run."
        ) from error


def check_port_is_free(host: str, port: int) -> None:
    """Try to listen on the port.

    Raises:
        StartupError: if that is not possible.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does it: closing connections do not occupy the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise StartupError(
            f"Port {port} isn't allowed for you. Choose one above 1023 with PORT=8001 make run."
        ) from error
    except socket.gaierror as error:
        raise StartupError(f"HOST must be an address of this machine, not {host!r}.") from error
    except OSError as error:
        raise StartupError(
            f"Port {port} of {host} cannot be used ({error.strerror}): stop what uses it, "
            f"or choose another with PORT={port % 65535 + 1} make run."
        ) from error


def free_port() -> int:
    """A port of the loopback address that no process uses, and that was not returned before.

    Raises:
        StartupError: if none is free of those that were tried.
    """
    # Whatever seeds `random`, two processes must not try the same ports in the same order.
    for port in random.SystemRandom().sample(FREE_PORTS, 200):
        if port not in _returned and _is_free(port):
            _returned.add(port)
            return port
    raise StartupError(f"No port of {LOOPBACK} is free, of 200 that were tried.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

"""What the person who typed `make run` may choose, checked before anything is started."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = "127.0.0.1"


class StartupError(Exception):
    """Why the platform cannot start, in one sentence that says what to do."""


@dataclass(frozen=True)
class Config:
    """The choices; `base_url` is where a browser on this machine finds the dashboard."""

    host: str
    port: int
    data_dir: Path
    admin_password: str = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def base_url(self) -> str:
        host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"


def read(environ: Mapping[str, str]) -> Config:
    """Makes DATA_DIR and what is kept in it; raises StartupError for what cannot be used."""
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
            admin_password=environ.get("ADMIN_PASSWORD") or kept(data_dir / "admin_password", 12),
            secret_key=environ.get("SECRET_KEY") or kept(data_dir / "secret_key", 50),
        )
    except OSError as error:
        raise StartupError(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}): "
            "choose another with DATA_DIR=/some/folder make run."
        ) from error


def kept(path: Path, size: int) -> str:
    """The secret in the file; made of `size` random bytes, for its owner alone, the first time."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if found := path.read_text().strip():
            return found
        # A crash between making the file and filling it.
        path.unlink()
        return kept(path, size)
    with os.fdopen(descriptor, "w") as file:
        file.write(value := secrets.token_urlsafe(size))
    return value


def check_port_is_free(host: str, port: int) -> None:
    """Raises StartupError when nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does: a port whose last connections are closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise StartupError(
            f"Port {port} is not allowed to you: choose one above 1023 with PORT=8001 make run."
        ) from error
    except socket.gaierror as error:
        raise StartupError(f"HOST must be an address of this machine, not {host!r}.") from error
    except OSError as error:
        raise StartupError(
            f"Port {port} of {host} cannot be used ({error.strerror}): stop what uses it, "
            f"or choose another with PORT={port % 65535 + 1} make run."
        ) from error


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])

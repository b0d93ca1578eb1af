"""The platform under a real Daphne, as each command starts it, and sockets to talk to it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from takehome_platform.local_stack.config import LOOPBACK, ROOT, free_port
from tests.services import wait_until

MEGABYTE = 1024 * 1024
APPLICATION = "takehome_platform.asgi:application"
COMMANDS = {
    "daphne": ["-m", "daphne", "-b", LOOPBACK, "-p", "{port}", APPLICATION],
    "runserver": ["manage.py", "runserver", "--noreload", LOOPBACK + ":{port}"],
}
# In one process, as each takes seconds to start.
PREPARE = """
import django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("create_api_token", "tests", role="Interviewer")
"""


def prepare_database(folder: Path) -> str:
    """Create the SQL database of a web process in the folder, and return an API token."""
    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=_environment(folder),
        check=True,
        capture_output=True,
        text=True,
    )
    return prepared.stdout.split()[-1]


@contextmanager
def web_server(command: str, folder: Path, **variables: str) -> Iterator[int]:
    """The port of a web process, without Redis and tables unless the variables name them."""
    port = free_port()
    arguments = [part.format(port=port) for part in COMMANDS[command]]
    with (folder / "web.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=_environment(folder) | variables,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: _answers(port), f"it did not answer; see {log.name}", 60)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "DEBUG": "true",
        "SECRET_KEY": "not-a-secret-" * 4,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "TABLE_PREFIX": "",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
    }


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex((LOOPBACK, port)) == 0


def exchange(port: int, head: str, body: Sequence[bytes] = (), host: str = "localhost") -> str:
    """Send a request whatever the server says meanwhile, and return all that it answers."""
    with socket.create_connection((LOOPBACK, port), timeout=20) as connection:
        connection.sendall(f"{head.strip()}\r\nHost: {host}\r\n\r\n".encode())
        for part in body:
            connection.sendall(part)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    return answer.decode()


def chunked(size: int, count: int) -> list[bytes]:
    """A body of `count` chunks, each of `size` bytes."""
    return [b"%x\r\n%s\r\n" % (size, b"x" * size)] * count + [b"0\r\n\r\n"]

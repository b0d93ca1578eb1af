"""A PostgreSQL of the tests' own, from the server's programs of this machine."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from takehome_platform.local_stack.config import LOOPBACK, free_port

# Where Debian has the programs that are for the server alone.
DEBIAN = Path("/usr/lib/postgresql")


class PostgreSQL:
    """One database cluster, which keeps its port and its data when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"postgres://takehome@{LOOPBACK}:{self.port}/postgres"

    def create(self) -> None:
        options = ("--username=takehome", "--auth=trust", "--no-sync")
        self._run("initdb", "--pgdata", str(self.folder), *options)

    def start(self) -> None:
        """Returns when it answers."""
        listen = f"-p {self.port} -h {LOOPBACK} -k {self.folder}"
        self._pg_ctl("start", "-o", listen, "-l", str(self.folder / "log"))

    def stop(self, mode: str) -> None:
        """`mode`: fast ends all sessions first; immediate ends as a crash does."""
        self._pg_ctl("stop", "--mode", mode)

    def processes(self) -> list[psutil.Process]:
        server = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        return [server, *server.children()]

    def _pg_ctl(self, action: str, *options: str) -> None:
        self._run("pg_ctl", action, "--pgdata", str(self.folder), "--wait", *options)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_program(program), *arguments],
            cwd="/",
            # It refuses to run as root.
            user="nobody" if os.geteuid() == 0 else None,
            stdout=subprocess.DEVNULL,
            check=True,
        )


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    # Not in pytest's folders, which are closed to the user that runs it.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    server = PostgreSQL(folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        if (folder / "postmaster.pid").exists():
            server.stop("immediate")
        shutil.rmtree(folder)


def _program(name: str) -> str:
    """The path of a program of PostgreSQL's server.

    Raises:
        FileNotFoundError: if it is not installed.
    """
    installed = [str(path.parent) for path in sorted(DEBIAN.glob(f"*/bin/{name}"), reverse=True)]
    path = shutil.which(name, path=os.pathsep.join([*installed, os.environ.get("PATH", "")]))
    if path is None:
        raise FileNotFoundError(
            f"PostgreSQL's {name} is missing. Install PostgreSQL's server, "
            "on Debian the package postgresql."
        )
    return path

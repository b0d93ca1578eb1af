"""Containers as processes of this machine: a mount is a folder, to which paths in arguments and
variables lead. Nothing is isolated."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from takehome_platform.local_stack.config import ROOT
from tests.kubernetes.store import StatusError

SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin"
# What an image is made of here. The checkout may be below a folder that Pods mount, such as /tmp.
OF_THIS_MACHINE = (f"{ROOT}/", f"{sys.prefix}/")


class RunningContainer:
    """One container of a Pod, from its start on."""

    def __init__(
        self,
        spec: Any,
        argv: Sequence[str],
        mounts: Mapping[str, Path],
        ports: Mapping[str, int],
        log: Path,
    ) -> None:
        self.name = str(spec["name"])
        self.log = log
        self._mounts = mounts
        self._ports = ports
        self._workdir = str(spec.get("workingDir", "/"))
        self._env = {each["name"]: self._translate(each["value"]) for each in spec.get("env", ())}
        self._env |= {"PATH": SEARCH_PATH, "PYTHONDONTWRITEBYTECODE": "1"}
        self._adopted: list[subprocess.Popen[bytes]] = []
        command, options = self.command(argv)
        log.touch()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **options,
            )

    def command(self, argv: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
        """Return how a program is started in this container."""
        translated = [self._translate(each) for each in argv]
        if translated[0] == "python3":
            translated[0] = sys.executable
        cwd = self._translate(self._workdir)
        return translated, {"cwd": cwd, "env": self._env, "start_new_session": True}

    def adopt(self, program: "subprocess.Popen[bytes]") -> None:
        """Have a program end with the container."""
        self._adopted.append(program)

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    @property
    def exit_code(self) -> int:
        code = self._process.wait(30)
        return code if code >= 0 else 128 - code

    def kill(self) -> None:
        """End all its programs."""
        for program in (self._process, *self._adopted):
            # The number of one that has ended may be another's by now.
            if program.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(program.pid, signal.SIGKILL)
                program.wait(30)

    def path(self, path: str) -> Path:
        """Return where a path of the container is on this machine."""
        return Path(self._translate(path))

    def _translate(self, text: str) -> str:
        if text in self._ports:
            return str(self._ports[text])
        if text.startswith(OF_THIS_MACHINE):
            return text
        for mount, folder in sorted(self._mounts.items(), reverse=True):
            if text == mount or text.startswith(f"{mount}/"):
                return f"{folder}{text.removeprefix(mount)}"
        return text


def not_running(name: str) -> StatusError:
    return StatusError(500, "InternalError", f"container {name} not found")

"""Workspaces as processes on this machine: for trying the platform out, with no isolation.

Each has one folder, `<root>/<interview id>/`: `files/` is the candidate's, `home/` and `config/`
are the editor's, `state.json` says which process serves it and on which port. The processes do not
depend on the platform's: they go on when it is killed, and `provision` finds them again.
"""

import hmac
import os
import random
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import Log, Owned, ProvisionError, Spec, Workspace
from operations.provisioners.editor_config import digest
from operations.provisioners.health_probe import is_answering
from operations.provisioners.local import processes as processes
from operations.provisioners.local.archive import pack
from operations.provisioners.local.editors import CodeServer, Editor, JupyterLab, Place
from operations.provisioners.local.environment import environment
from operations.provisioners.local.resource_limits import Limits, limits
from operations.provisioners.local.unpack import unpack
from operations.provisioners.local.workdirs import (
    ID,
    folders,
    locked,
    read_state,
    remove,
    seed,
    write_state,
)

# Below the ports that systems give to outgoing connections, so that none is in the way.
PORTS = range(20_000, 30_000)

# Seconds that a workspace's former port is waited for.
PORT_PATIENCE = 2.0


class LocalProvisioner:
    """Runs each workspace as an editor's process of this user, in a folder below `root`."""

    name = "local"

    def __init__(
        self,
        root: Path,
        host: str = "127.0.0.1",
        code_server: str | None = None,
        settle: float = 0.0,
    ) -> None:
        """Bind editors to `host`, which is also the host of their addresses.

        `code_server` is the binary of code-server; without one the editor is JupyterLab. `settle`
        is how many seconds an export leaves the editor for its last autosave.
        """
        self._settle = settle
        self._root = root.resolve()
        self._host = host
        self._editor: Editor = CodeServer(code_server) if code_server else JupyterLab()

    def provision(self, spec: Spec, log: Log) -> Workspace:
        """Return the running editor, or start it on the folder that is there, or on a new one."""
        with self._alone("start", spec.interview_id) as folder:
            if spec.archive is not None:
                unpack(folder, spec.archive, log)
            elif spec.files is None:
                if not (folder / "files").is_dir():
                    raise ProvisionError("start", "The workspace's folder is not there any more.")
            elif seed(folder, spec.files):
                log(f"Put {len(spec.files)} starting files into the workspace.")
            state = read_state(folder)
            if _is_running(state) and _is_password(spec.password, state):
                log("The workspace runs already.")
            else:
                held = limits(spec.cpus, spec.memory_mb)
                state = self._start(folder, spec.password, state, held)
                log(f"Started {self._editor.title}.")
                for sentence in held.sentences:
                    log(sentence)
        host = f"[{self._host}]" if ":" in self._host else self._host
        return Workspace(
            id=spec.interview_id,
            url=f"http://{host}:{state['port']}/",
            password=spec.password,
            state=_public(state),
        )

    def is_ready(self, workspace: Workspace) -> bool:
        """Whether the editor answers within 8 seconds.

        False too where its process is gone: `provision` starts it again.
        """
        with _told("health"):
            state = read_state(self._folder(workspace.id))
            if not _is_running(state):
                return False
            return is_answering(self._host, state["port"], state["health"])

    def export(self, workspace: Workspace, path: Path) -> None:
        """End everything that runs in the workspace, then pack its files at `path`.

        What cannot be read is listed in the archive; more than 100 MB packed is an error.
        """
        with self._alone("save", workspace.id) as folder:
            if not folder.is_dir():
                raise ProvisionError(
                    "save", "The workspace's folder is not there, so no files could be saved."
                )
            if _is_running(read_state(folder)):
                # What was typed a moment ago is on its way from the browser to the disk.
                time.sleep(self._settle)
            processes.end_all(folder)
            pack(folder / "files", path, top=workspace.id)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """End everything that runs in the workspace and remove its folder."""
        with self._alone("remove", workspace.id) as folder:
            processes.end_all(folder)
            if os.path.lexists(folder):
                remove(folder)
                log("Stopped the workspace and removed its folder.")
            else:
                log("The workspace was gone already.")

    def list_owned(self) -> list[Owned]:
        """Every workspace that has a folder, whether it runs or not."""
        with _told("list"):
            return [owned for folder in folders(self._root) if (owned := _owned(folder))]

    def _folder(self, interview_id: str) -> Path:
        if not ID.fullmatch(interview_id):
            raise ValueError(f"{interview_id!r} cannot be the name of a workspace")
        return self._root / interview_id

    @contextmanager
    def _alone(self, step: str, interview_id: str) -> Iterator[Path]:
        """The workspace's folder, with nobody else at work on it; what fails is a step's error."""
        with _told(step):
            folder = self._folder(interview_id)
            with locked(self._root, folder.name):
                yield folder

    def _start(
        self, folder: Path, password: str, old: dict[str, Any], held: Limits
    ) -> dict[str, Any]:
        # A start that was cut off before it was written down holds the port and the files.
        processes.end_all(folder)
        # Kept, as the editors derive their sessions from the hash: who is signed in stays so.
        salt = old.get("salt") or secrets.token_hex(8)
        state: dict[str, Any] = {
            "since": old.get("since", int(datetime.now(UTC).timestamp())),
            "editor": self._editor.name,
            "health": self._editor.health,
            "salt": salt,
            "check": digest(password, salt),
        }
        # Written down before the next one chooses, so that no two workspaces have one port.
        with locked(self._root, ".ports"):
            state["port"] = self._port(folder, old.get("port"))
            write_state(folder, state)
        place = Place(folder, self._host, state["port"])
        for path in (place.home, place.config):
            path.mkdir(mode=0o700, exist_ok=True)
        self._editor.configure(place, password, salt)
        pid = processes.launch(
            self._editor.command(place),
            cwd=place.files,
            env=environment(place) | self._editor.environment(place),
            log=folder / "editor.log",
            options=held.options,
        )
        created = processes.started_at(pid)
        if created is None:
            raise ProvisionError(
                "start",
                f"{self._editor.title} stopped as soon as it was started; "
                "editor.log in the workspace's folder says why.",
            )
        state |= {"pid": pid, "created": created}
        write_state(folder, state)
        return state

    def _port(self, folder: Path, before: int | None) -> int:
        """The port it had, or else one that no workspace has and nobody listens on."""
        if before is not None and self._becomes_free(before):
            return before
        others = (path for path in folders(self._root) if path != folder)
        taken = {read_state(path).get("port") for path in others}
        for port in random.sample(PORTS, min(200, len(PORTS))):
            if port not in taken and self._is_free(port):
                return port
        raise ProvisionError("start", f"No port is free on {self._host}, of those that were tried.")

    def _becomes_free(self, port: int) -> bool:
        """A process that was just killed holds its port for a moment; the address is worth it."""
        deadline = time.monotonic() + PORT_PATIENCE
        while not self._is_free(port):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _is_free(self, port: int) -> bool:
        family, kind, _, _, address = socket.getaddrinfo(self._host, port, type=socket.SOCK_STREAM)[
            0
        ]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError:
                return False
        return True


def stop_all(root: Path, patience: float = 2.0) -> None:
    """End every process of every workspace below `root`, all at once, and keep the folders.

    SIGTERM first, SIGKILL after `patience` seconds. Raises processes.StillRunning.
    """
    processes.end_all(root.resolve(), patience)


@contextmanager
def _told(step: str) -> Iterator[None]:
    """Turn what can go wrong on this machine into the sentence of a step."""
    try:
        yield
    except OSError as error:
        where = f" ({Path(str(error.filename)).name})" if error.filename else ""
        reason = f"This machine refused: {error.strerror or error}{where}."
        raise ProvisionError(step, reason) from error
    except processes.StillRunningError as error:
        raise ProvisionError(step, f"The workspace's {error} cannot be ended.") from error
    except ArchiveTooLargeError as error:
        raise ProvisionError(step, f"{error}.") from error
    except subprocess.SubprocessError as error:
        sentence = "The editor could not be started; editor.log in the workspace's folder says why."
        raise ProvisionError(step, sentence) from error
    except ValueError as error:
        raise ProvisionError(step, f"{error}.") from error


def _owned(folder: Path) -> Owned | None:
    """None: it is being removed in this moment. A broken state hides neither it nor the others."""
    try:
        state = read_state(folder)
    except ValueError:
        state = {}
    try:
        began = state.get("since", folder.stat().st_ctime)
    except FileNotFoundError:
        return None
    return Owned(folder.name, datetime.fromtimestamp(began, UTC), _public(state))


def _is_running(state: dict[str, Any]) -> bool:
    return "pid" in state and processes.is_same(state["pid"], state["created"])


def _is_password(password: str, state: dict[str, Any]) -> bool:
    return hmac.compare_digest(digest(password, state["salt"]), state["check"])


def _public(state: dict[str, Any]) -> dict[str, Any]:
    return {key: state[key] for key in ("editor", "port", "pid") if key in state}

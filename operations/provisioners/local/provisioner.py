"""Workspaces as processes on this machine, without isolation, for trying out the platform.

Each has one folder, `<root>/<workspace name>/`: `files/` holds the candidate's files, `home/` and
`config/` the editor's, and `state.json` the editor's process and port. The processes outlive the
platform's own, and `provision` finds them again.
"""

import hmac
import os
import secrets
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import (
    SIGN_IN_BY_FORM,
    SIGN_IN_KEY,
    Isolation,
    Log,
    Machine,
    NotSaved,
    OwnedWorkspace,
    ProvisionError,
    Readiness,
    Workspace,
    WorkspaceGoneError,
    WorkspaceSpec,
)
from operations.provisioners.editor_config import password_hash
from operations.provisioners.file_look import FileLook, Stamp, TooManyFilesError, look_at_folder
from operations.provisioners.health_probe import is_answering, is_sign_in_refused
from operations.provisioners.local import ports, processes
from operations.provisioners.local.archive import pack_folder
from operations.provisioners.local.editors import (
    CodeServer,
    Editor,
    EditorLocation,
    JupyterLab,
)
from operations.provisioners.local.environment import workspace_environment
from operations.provisioners.local.resource_limits import ResourceLimits, resource_limits
from operations.provisioners.local.unpack import unpack_archive
from operations.provisioners.local.workdirs import (
    WORKSPACE_NAME,
    list_workdirs,
    lock_workdir,
    read_state,
    remove_folder,
    write_starting_files,
    write_state,
)


class LocalProvisioner:
    """Runs each workspace as an editor process of this user, in a folder below `root`."""

    name = "local"
    # It is a program of this machine, which waits for nothing else.
    patience = timedelta(minutes=3)
    isolates: frozenset[Isolation] = frozenset()

    def __init__(
        self,
        root: Path,
        host: str = "127.0.0.1",
        code_server: str | None = None,
        autosave_wait_seconds: float = 0.0,
    ) -> None:
        """Bind editors to `host`, which is also the host of their URLs.

        `code_server` is the code-server binary; without one the editor is JupyterLab. An export
        waits `autosave_wait_seconds` for the editor's last autosave.
        """
        self._autosave_wait_seconds = autosave_wait_seconds
        self._root = root.resolve()
        self._host = host
        self._editor: Editor = CodeServer(code_server) if code_server else JupyterLab()

    def reserve(
        self, workspace_name: str, cpus: float | None, memory_mb: int | None, log: Log
    ) -> None:
        """Do nothing: processes share what the machine has."""

    def provision(self, spec: WorkspaceSpec, log: Log) -> Workspace:
        """Return the running workspace, or start it in its existing folder, or in a new one."""
        with self._locked_workdir("start", spec.workspace_name) as folder:
            if spec.archive is not None:
                unpack_archive(folder, spec.archive, log)
            elif spec.files is None:
                if not (folder / "files").is_dir():
                    raise WorkspaceGoneError("start", "The workspace's folder is gone.")
            elif write_starting_files(folder, spec.files, spec.executable):
                log(f"Copied {len(spec.files)} starting files into the workspace.")
            state = read_state(folder)
            if _is_running(state) and _has_password(spec.password, state):
                log("The workspace is already running.")
            else:
                limits = resource_limits(spec.cpus, spec.memory_mb)
                state = self._start(folder, spec, state, limits)
                log(f"Started {self._editor.title}.")
                if not spec.internet:
                    log(
                        "The challenge allows no internet. That is asked, not enforced: this "
                        "engine's workspaces share the network of their machine."
                    )
                for line in limits.log_lines:
                    log(line)
        # An editor that an earlier version started answers under no other name.
        host = state.get("url_host") or (f"[{self._host}]" if ":" in self._host else self._host)
        return Workspace(
            id=spec.workspace_name,
            url=f"http://{host}:{state['port']}/",
            password=spec.password,
            state=_public_state(state),
        )

    def is_ready(self, workspace: Workspace) -> Readiness:
        """Return whether the editor answers within 8 seconds.

        It does not if its process is gone; `provision` starts it again.
        """
        with _translate_errors("health"):
            state = read_state(self._folder(workspace.id))
            if not _is_running(state):
                return Readiness(False, "The editor's program isn't running.")
            return Readiness(is_answering(self._host, state["port"], state["health"]))

    def set_deadline(self, workspace: Workspace, ends_at: datetime) -> None:
        """Do nothing: its processes run until they are ended."""

    def is_sign_in_refused(self, workspace: Workspace) -> bool:
        """Return whether code-server lets nobody sign in after too many wrong passwords."""
        with _translate_errors("health"):
            state = read_state(self._folder(workspace.id))
            return _is_running(state) and is_sign_in_refused(self._host, state["port"])

    @contextmanager
    def look_at_files(
        self,
        workspace: Workspace,
        since_ns: int,
        starting_paths: Collection[str],
        known: Collection[Stamp] = (),
    ) -> Iterator[FileLook]:
        """Yield a look at the candidate's folder, without the workspace's lock."""
        with _translate_errors("keep"):
            folder = self._folder(workspace.id) / "files"
            look = look_at_folder(str(folder), since_ns, starting_paths, known)
            with closing(look.files):
                yield look

    def export(
        self, workspace: Workspace, path: Path, starting_paths: Collection[str]
    ) -> list[NotSaved]:
        """End every process in the workspace, then pack its files at `path`.

        The archive lists what is not saved; more than 100 MB packed is an error.
        """
        with self._locked_workdir("save", workspace.id) as folder:
            # The files get their name when all are there: without it a start was cut off.
            if not os.path.lexists(folder / "files"):
                raise WorkspaceGoneError(
                    "save", "The workspace's folder is missing, so no files could be saved."
                )
            if _is_running(read_state(folder)):
                # The browser may not have saved the last keystrokes yet.
                time.sleep(self._autosave_wait_seconds)
            processes.end_processes(folder)
            return pack_folder(folder / "files", path, workspace.id, starting_paths)

    def destroy(self, workspace: Workspace, log: Log) -> None:
        """End every process in the workspace and remove its folder."""
        with self._locked_workdir("remove", workspace.id) as folder:
            processes.end_processes(folder)
            if os.path.lexists(folder):
                remove_folder(folder)
                log("Stopped the workspace and removed its folder.")
            else:
                log("The workspace was already gone.")

    def list_owned(self) -> list[OwnedWorkspace]:
        """List every workspace that has a folder, whether it runs or not."""
        with _translate_errors("list"):
            return [
                owned for folder in list_workdirs(self._root) if (owned := _owned_workspace(folder))
            ]

    def list_machines(self) -> list[Machine]:
        """Return none: there is this machine."""
        return []

    def _folder(self, workspace_name: str) -> Path:
        if not WORKSPACE_NAME.fullmatch(workspace_name):
            raise ValueError(f"{workspace_name!r} isn't a valid workspace name")
        return self._root / workspace_name

    @contextmanager
    def _locked_workdir(self, step: str, workspace_name: str) -> Iterator[Path]:
        """Yield the workspace's folder while holding its lock.

        Errors in the block become ProvisionErrors of `step`.
        """
        with _translate_errors(step):
            folder = self._folder(workspace_name)
            with lock_workdir(self._root, folder.name):
                yield folder

    def _start(
        self, folder: Path, spec: WorkspaceSpec, old_state: dict[str, Any], limits: ResourceLimits
    ) -> dict[str, Any]:
        password = spec.password
        # A start that was cut off before it wrote its state may have left processes.
        processes.end_processes(folder)
        # Editors derive their sessions from the hash: the same salt keeps candidates signed in.
        salt = old_state.get("salt") or secrets.token_hex(8)
        state: dict[str, Any] = {
            "since": old_state.get("since", int(datetime.now(UTC).timestamp())),
            "editor": self._editor.name,
            "health": self._editor.health_path,
            SIGN_IN_KEY: SIGN_IN_BY_FORM,
            "salt": salt,
            "check": password_hash(password, salt),
        }
        state["url_host"] = EditorLocation(folder, self._host, 0).url_host
        # Write the port while holding the lock, so that no other workspace chooses the same one.
        with lock_workdir(self._root, ".ports"):
            others = (path for path in list_workdirs(self._root) if path != folder)
            taken = {read_state(path).get("port") for path in others}
            state["port"] = ports.choose_port(self._host, old_state.get("port"), taken)
            write_state(folder, state)
        location = EditorLocation(folder, self._host, state["port"])
        for path in (location.home, location.config):
            path.mkdir(mode=0o700, exist_ok=True)
        self._editor.configure(location, password, salt, spec.features)
        pid = processes.launch_process(
            self._editor.command(location),
            cwd=location.files,
            env=workspace_environment(location) | self._editor.environment(location, spec.features),
            log=folder / "editor.log",
            options=limits.options,
        )
        created = processes.started_at(pid)
        if created is None:
            raise ProvisionError(
                "start",
                f"{self._editor.title} stopped right after it started. "
                "See editor.log in the workspace's folder.",
            )
        state |= {"pid": pid, "created": created}
        write_state(folder, state)
        return state


def stop_all_workspaces(root: Path, grace_seconds: float = 2.0) -> None:
    """End every process of every workspace below `root`, and keep the folders.

    Sends SIGTERM to all at once, and SIGKILL to those left after `grace_seconds`.

    Raises:
        StillRunningError: if processes are left after that.
    """
    processes.end_processes(root.resolve(), grace_seconds)


@contextmanager
def _translate_errors(step: str) -> Iterator[None]:
    """Turn errors of this machine into a ProvisionError of `step`."""
    try:
        yield
    except OSError as error:
        file_name = f" ({Path(str(error.filename)).name})" if error.filename else ""
        reason = f"This machine refused: {error.strerror or error}{file_name}."
        raise ProvisionError(step, reason) from error
    except processes.StillRunningError as error:
        raise ProvisionError(step, f"The workspace's {error} can't be stopped.") from error
    except (ArchiveTooLargeError, TooManyFilesError) as error:
        raise ProvisionError(step, f"{error}.") from error
    except subprocess.SubprocessError as error:
        sentence = "The editor couldn't be started. See editor.log in the workspace's folder."
        raise ProvisionError(step, sentence) from error
    except ValueError as error:
        raise ProvisionError(step, f"{error}.") from error


def _owned_workspace(folder: Path) -> OwnedWorkspace | None:
    """Return the workspace of a folder, or None if the folder has just been removed.

    An unreadable state file must not hide this workspace or the others.
    """
    try:
        state = read_state(folder)
    except ValueError:
        state = {}
    try:
        since = state.get("since", folder.stat().st_ctime)
    except FileNotFoundError:
        return None
    return OwnedWorkspace(folder.name, datetime.fromtimestamp(since, UTC), _public_state(state))


def _is_running(state: dict[str, Any]) -> bool:
    return "pid" in state and processes.is_same_process(state["pid"], state["created"])


def _has_password(password: str, state: dict[str, Any]) -> bool:
    return hmac.compare_digest(password_hash(password, state["salt"]), state["check"])


def _public_state(state: dict[str, Any]) -> dict[str, Any]:
    keys = ("editor", "port", "pid", SIGN_IN_KEY)
    return {key: state[key] for key in keys if key in state}

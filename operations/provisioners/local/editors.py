"""The editors that a local workspace can run: their command, settings and health address.

The password reaches an editor as a hash in a file that only this user can read: never in
its arguments or environment, which other programs on the machine could list.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from operations.provisioners import editor_config
from operations.provisioners.editor_config import AUTOSAVE_SECONDS, digest


@dataclass(frozen=True)
class Place:
    """Where an editor runs: the workspace's folders and its address."""

    folder: Path
    host: str
    port: int

    @property
    def files(self) -> Path:
        """The candidate's files."""
        return self.folder / "files"

    @property
    def home(self) -> Path:
        """The HOME of everything that runs in the workspace."""
        return self.folder / "home"

    @property
    def config(self) -> Path:
        """The editor's settings and what it remembers."""
        return self.folder / "config"


class Editor(Protocol):
    """A program that shows a folder in the browser, behind a password."""

    name: str
    title: str
    health: str

    def configure(self, place: Place, password: str, salt: str) -> None:
        """Write the settings; raises OSError."""

    def command(self, place: Place) -> list[str]:
        """The program and its arguments."""

    def environment(self, place: Place) -> dict[str, str]:
        """The variables that it needs besides those that every workspace has."""


class JupyterLab:
    """JupyterLab, from the virtual environment that this program runs in."""

    name = "jupyterlab"
    title = "JupyterLab"
    health = "/api"

    def configure(self, place: Place, password: str, salt: str) -> None:
        """Write the settings; raises OSError."""
        readme = (place.files / "README.md").is_file()
        server = {
            "ServerApp": {
                "ip": place.host,
                "port": place.port,
                "port_retries": 0,
                "root_dir": str(place.files),
                "open_browser": False,
                "allow_root": True,
                "quit_button": False,
                # It has no language server to offer, and asks npm, which may wait for the network
                # and hold up the start for as long.
                "jpserver_extensions": {"jupyter_lsp": False},
                # Not a login shell: /etc/profile would put back the system's PATH.
                "terminado_settings": {"shell_command": [shell()]},
            },
            "IdentityProvider": {"token": ""},
            "PasswordIdentityProvider": {
                "hashed_password": f"sha256:{salt}:{digest(password, salt)}",
                "allow_password_change": False,
            },
            "ContentsManager": {"allow_hidden": True},
            # The trash of a Mac would be the person's own, outside the workspace.
            "FileContentsManager": {"delete_to_trash": False, "always_delete_dir": True},
        }
        lab = {
            "LabApp": {
                "default_url": "/lab/tree/README.md" if readme else "/lab",
                "news_url": None,
                "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
                "extension_manager": "readonly",
            },
            "Application": {"log_level": "WARN"},
        }
        overrides = {
            "@jupyterlab/docmanager-extension:plugin": {
                "autosave": True,
                "autosaveInterval": AUTOSAVE_SECONDS,
                "defaultViewers": {"markdown": "Markdown Preview"},
            },
            # Light or dark, as the page that led here.
            "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
            "@jupyterlab/apputils-extension:notification": {
                "checkForUpdates": False,
                "fetchNews": "false",
            },
        }
        write_private(place.config / "jupyter_server_config.json", server)
        write_private(place.config / "jupyter_lab_config.json", lab)
        write_private(place.config / "labconfig" / "default_setting_overrides.json", overrides)

    def command(self, place: Place) -> list[str]:
        """The program and its arguments."""
        # -P: a candidate's `csv.py` in the working directory must not be imported by the editor.
        return [sys.executable, "-P", "-m", "jupyterlab"]

    def environment(self, place: Place) -> dict[str, str]:
        """The variables that keep JupyterLab within the workspace's folder."""
        return {
            "JUPYTER_CONFIG_DIR": str(place.config),
            "JUPYTER_DATA_DIR": str(place.config / "data"),
            "JUPYTER_RUNTIME_DIR": str(place.config / "runtime"),
            "IPYTHONDIR": str(place.config / "ipython"),
        }


@dataclass(frozen=True)
class CodeServer:
    """VS Code in the browser."""

    binary: str
    name = "code-server"
    title = "VS Code"
    health = "/healthz"

    def configure(self, place: Place, password: str, salt: str) -> None:
        """Write the settings; raises OSError."""
        server = editor_config.options(f"{place.host}:{place.port}", password) | {
            "user-data-dir": str(place.config / "user"),
            "extensions-dir": str(place.config / "extensions"),
        }
        write_private(place.config / "code-server.yaml", server)
        own_settings = place.config / "user" / "User" / "settings.json"
        if not own_settings.exists():  # the candidate may have changed them
            write_private(own_settings, editor_config.VS_CODE)

    def command(self, place: Place) -> list[str]:
        """The program and its arguments."""
        config = place.config / "code-server.yaml"
        return [self.binary, "--config", str(config), str(place.files)]

    def environment(self, place: Place) -> dict[str, str]:
        """Nothing: code-server takes everything from its file."""
        return {}


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace the file by `content` as JSON, whole or not at all, readable by this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    new.replace(path)


def shell() -> str:
    """The shell of a workspace's terminals."""
    return shutil.which("bash") or "/bin/sh"

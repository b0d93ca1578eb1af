"""The editors that a local workspace can run: their command, settings and health check path.

The editor reads the password's hash from a file that only this user can read, never from its
arguments or environment, which other programs on the machine could list.
"""

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from operations.provisioners import editor_config
from operations.provisioners.base import EditorFeatures
from operations.provisioners.editor_config import AUTOSAVE_SECONDS, password_hash

HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class EditorLocation:
    """The folders of a workspace, and the host and port of its editor."""

    folder: Path
    host: str
    port: int

    @property
    def url_host(self) -> str:
        """The host of the workspace's address: on loopback a name of its own, with own cookies.

        Browsers lead every name below `localhost` to this machine; other programs may not.
        """
        is_loopback = self.host in ("127.0.0.1", "localhost")
        if is_loopback and HOST_LABEL.fullmatch(self.folder.name.lower()):
            return f"{self.folder.name.lower()}.localhost"
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def files(self) -> Path:
        """The candidate's files."""
        return self.folder / "files"

    @property
    def home(self) -> Path:
        """The HOME of every program in the workspace."""
        return self.folder / "home"

    @property
    def config(self) -> Path:
        """The editor's settings and state."""
        return self.folder / "config"


class Editor(Protocol):
    """A program that opens a folder in the browser, protected by a password."""

    name: str
    title: str
    health_path: str

    def configure(
        self, location: EditorLocation, password: str, salt: str, features: EditorFeatures
    ) -> None:
        """Write the editor's settings.

        Raises:
            OSError: if they cannot be written.
        """

    def command(self, location: EditorLocation) -> list[str]:
        """Return the program and its arguments."""

    def environment(self, location: EditorLocation, features: EditorFeatures) -> dict[str, str]:
        """Return the variables that it needs in addition to `workspace_environment`."""


class JupyterLab:
    """JupyterLab from the platform's own virtual environment."""

    name = "jupyterlab"
    title = "JupyterLab"
    health_path = "/api"

    def configure(
        self, location: EditorLocation, password: str, salt: str, features: EditorFeatures
    ) -> None:
        """Write the editor's settings. It has no AI features, and offers no extensions.

        Raises:
            OSError: if they cannot be written.
        """
        readme = (location.files / "README.md").is_file()
        server = {
            "ServerApp": {
                "ip": location.host,
                "port": location.port,
                "port_retries": 0,
                "root_dir": str(location.files),
                "open_browser": False,
                "allow_root": True,
                "local_hostnames": ["localhost", location.url_host],
                "quit_button": False,
                # There is no language server to offer, and jupyter_lsp delays the start: it runs
                # npm, which may wait for the network.
                "jpserver_extensions": {"jupyter_lsp": False},
                # Not a login shell: /etc/profile would reset PATH.
                "terminado_settings": {"shell_command": [terminal_shell()]},
            },
            "PasswordIdentityProvider": {
                "hashed_password": f"sha256:{salt}:{password_hash(password, salt)}",
                "allow_password_change": False,
                "token": editor_config.jupyter_token(password),
            },
            "ContentsManager": {"allow_hidden": True},
            # On macOS the trash would be the developer's own, outside the workspace.
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
            # Light or dark like the browser, as on the candidate's page.
            "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
            "@jupyterlab/apputils-extension:notification": {
                "checkForUpdates": False,
                "fetchNews": "false",
            },
        }
        write_private_json(location.config / "jupyter_server_config.json", server)
        write_private_json(location.config / "jupyter_lab_config.json", lab)
        write_private_json(
            location.config / "labconfig" / "default_setting_overrides.json", overrides
        )

    def command(self, location: EditorLocation) -> list[str]:
        """Return the program and its arguments."""
        # -P: the editor must not import a candidate's `csv.py` from the working directory.
        return [sys.executable, "-P", "-m", "jupyterlab"]

    def environment(self, location: EditorLocation, features: EditorFeatures) -> dict[str, str]:
        """Return the variables that keep JupyterLab's files inside the workspace's folder."""
        return {
            "JUPYTER_CONFIG_DIR": str(location.config),
            "JUPYTER_DATA_DIR": str(location.config / "data"),
            "JUPYTER_RUNTIME_DIR": str(location.config / "runtime"),
            "IPYTHONDIR": str(location.config / "ipython"),
        }


@dataclass(frozen=True)
class CodeServer:
    """VS Code in the browser."""

    binary: str
    name = "code-server"
    title = "VS Code"
    health_path = "/healthz"

    def configure(
        self, location: EditorLocation, password: str, salt: str, features: EditorFeatures
    ) -> None:
        """Write the editor's settings.

        Raises:
            OSError: if they cannot be written.
        """
        server = editor_config.code_server_config(f"{location.host}:{location.port}", password) | {
            "user-data-dir": str(location.config / "user"),
            "extensions-dir": str(location.config / "extensions"),
        }
        write_private_json(location.config / "code-server.yaml", server)
        own_settings = location.config / "user" / "User" / "settings.json"
        if not own_settings.exists():  # the candidate may have changed them
            write_private_json(own_settings, editor_config.vs_code_settings(features))

    def command(self, location: EditorLocation) -> list[str]:
        """Return the program and its arguments."""
        config = location.config / "code-server.yaml"
        return [self.binary, "--config", str(config), str(location.files)]

    def environment(self, location: EditorLocation, features: EditorFeatures) -> dict[str, str]:
        """Return the name of its cookie, and its gallery; its config file has everything else."""
        return editor_config.cookie_suffix(location.folder.name) | editor_config.gallery(features)


def write_private_json(path: Path, content: dict[str, Any]) -> None:
    """Replace the file atomically by `content` as JSON, readable only by this user."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    new.replace(path)


def terminal_shell() -> str:
    """Return the shell of a workspace's terminals."""
    return shutil.which("bash") or "/bin/sh"

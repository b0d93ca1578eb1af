"""What code-server is told, whichever engine runs it: its own settings and those of VS Code."""

import hashlib
from typing import Any

AUTOSAVE_SECONDS = 2

VS_CODE: dict[str, Any] = {
    "files.autoSave": "afterDelay",
    "files.autoSaveDelay": AUTOSAVE_SECONDS * 1000,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    # A test is the candidate's own work; nor is there an account to sign in with.
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.enableExperiments": False,
    "workbench.startupEditor": "readme",
    "security.workspace.trust.enabled": False,
    "git.openRepositoryInParentFolders": "never",
}
"""VS Code's settings, as the candidate finds them at first."""


def options(address: str, password: str) -> dict[str, Any]:
    """code-server's own settings file (JSON is YAML too), with the password as a hash alone."""
    return {
        "bind-addr": address,
        "auth": "password",
        "hashed-password": digest(password, ""),
        "cert": False,
        "disable-telemetry": True,
        "disable-update-check": True,
        "disable-workspace-trust": True,
        "disable-getting-started-override": True,
    }


def digest(password: str, salt: str) -> str:
    """What the editors and we keep of a password.

    SHA-256 is enough for what was drawn at random; it would not be for what a person chose.
    """
    return hashlib.sha256((password + salt).encode()).hexdigest()

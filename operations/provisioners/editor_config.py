"""The settings of code-server and of VS Code inside it, the same for every provisioner."""

import hashlib
from typing import Any

from operations.provisioners.base import EditorFeatures

AUTOSAVE_SECONDS = 2

_SETTINGS: dict[str, Any] = {
    "files.autoSave": "afterDelay",
    "files.autoSaveDelay": AUTOSAVE_SECONDS * 1000,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.enableExperiments": False,
    "workbench.startupEditor": "readme",
    "security.workspace.trust.enabled": False,
    "git.openRepositoryInParentFolders": "never",
}


def vs_code_settings(features: EditorFeatures) -> dict[str, Any]:
    """Return VS Code's initial settings, which the candidate may change."""
    # Without a word on AI a test is the candidate's own work.
    return _SETTINGS | {"chat.disableAIFeatures": not features.ai}


def gallery(features: EditorFeatures) -> dict[str, str]:
    """Return the variable that takes the gallery of extensions away, if they are not offered.

    code-server takes its value in place of its own gallery. Without a `serviceUrl`, VS Code has
    none (`ExtensionGalleryManifestService`).
    """
    return {} if features.extensions else {"EXTENSIONS_GALLERY": "{}"}


def code_server_config(address: str, password: str) -> dict[str, Any]:
    """Return code-server's config file (JSON is valid YAML); it contains only a password hash."""
    return {
        "bind-addr": address,
        "auth": "password",
        "hashed-password": password_hash(password, ""),
        "cert": False,
        "disable-telemetry": True,
        "disable-update-check": True,
        "disable-workspace-trust": True,
        "disable-getting-started-override": True,
    }


def cookie_suffix(workspace_name: str) -> dict[str, str]:
    """Return the variable that gives code-server's session cookie a name of this workspace's own.

    Browsers send the cookies of a host to all its ports. Under one name, a second workspace there
    would sign the browser out of the first, and be sent its session. Versions of code-server
    without `--cookie-suffix` ignore the variable, and would refuse the option.
    """
    return {"CODE_SERVER_COOKIE_SUFFIX": workspace_name}


def jupyter_token(password: str) -> str:
    """Return the token with which JupyterLab accepts a sign-in from another site's form.

    Without one it wants a cookie of its own site. The token comes from the password, so that both
    stay out of the workspace's folder in a form that anybody could type.
    """
    return password_hash(password, "jupyter")


def password_hash(password: str, salt: str) -> str:
    """Return the hash that the editors and the platform keep of a password.

    SHA-256 is enough for a random password; it would not be for one that a person chose.
    """
    return hashlib.sha256((password + salt).encode()).hexdigest()

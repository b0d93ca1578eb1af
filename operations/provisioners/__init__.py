"""The engines by the short name that an interview stores, and get()."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from operations.provisioners.base import Provisioner
from operations.provisioners.docker import options
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.editor_config import AUTOSAVE_SECONDS
from operations.provisioners.local.provisioner import LocalProvisioner


def _local() -> Provisioner:
    if not settings.DEBUG:
        raise ImproperlyConfigured(
            "PROVISIONER=local runs candidates' programs as this user, with no isolation: "
            "it works with DEBUG=true only."
        )
    if settings.LOCAL_WORKSPACE_HOST in {"0.0.0.0", "::", ""}:  # noqa: S104
        raise ImproperlyConfigured(
            "LOCAL_WORKSPACE_HOST must be the name or address under which browsers reach this "
            "machine, such as 127.0.0.1."
        )
    return LocalProvisioner(
        root=settings.DATA_DIR / "workspaces",
        host=settings.LOCAL_WORKSPACE_HOST,
        code_server=_code_server(),
        settle=AUTOSAVE_SECONDS + 1,
    )


def _code_server() -> str | None:
    """The program, or None for JupyterLab; ImproperlyConfigured: it is not there."""
    if settings.CODE_SERVER == "none":
        return None
    if settings.CODE_SERVER and not shutil.which(settings.CODE_SERVER):
        raise ImproperlyConfigured(
            f"CODE_SERVER={settings.CODE_SERVER} is not a program: name one, or leave it empty."
        )
    return settings.CODE_SERVER or shutil.which("code-server")


def _docker() -> Provisioner:
    """Without asking the engine: not every process of the platform may."""
    return DockerProvisioner(options.read_options(settings, settle=AUTOSAVE_SECONDS + 1))


FACTORIES: dict[str, Callable[[], Provisioner]] = {"docker": _docker, "local": _local}


def get(name: str) -> Provisioner:
    """The engine of that name; raises ImproperlyConfigured when there is none, or none here."""
    if name not in FACTORIES:
        known = ", ".join(sorted(FACTORIES))
        raise ImproperlyConfigured(f"PROVISIONER={name} is unknown; it may be: {known}.")
    return FACTORIES[name]()

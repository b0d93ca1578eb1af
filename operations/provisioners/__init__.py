"""The engines by the short name that an interview stores, and get()."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from operations.provisioners.base import Provisioner
from operations.provisioners.local import LocalProvisioner
from operations.provisioners.local_editors import AUTOSAVE_SECONDS


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
        code_server=settings.CODE_SERVER or shutil.which("code-server"),
        settle=AUTOSAVE_SECONDS + 1,
    )


FACTORIES: dict[str, Callable[[], Provisioner]] = {"local": _local}


def get(name: str) -> Provisioner:
    """The engine of that name; raises ImproperlyConfigured when there is none, or none here."""
    if name not in FACTORIES:
        known = ", ".join(sorted(FACTORIES))
        raise ImproperlyConfigured(f"PROVISIONER={name} is unknown; it may be: {known}.")
    return FACTORIES[name]()

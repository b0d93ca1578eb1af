"""Build a provisioner from the settings, by the short name that interviews store."""

import shutil
from collections.abc import Callable
from importlib.util import find_spec

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from operations.provisioners.base import Isolation, Provisioner
from operations.provisioners.docker import options
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.editor_config import AUTOSAVE_SECONDS
from operations.provisioners.kubernetes import options as kubernetes_options
from operations.provisioners.kubernetes.options import KubernetesOptions
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from operations.provisioners.local.provisioner import LocalProvisioner
from operations.provisioners.swarm import options as swarm_options
from operations.provisioners.swarm.provisioner import SwarmProvisioner


def _local_provisioner() -> Provisioner:
    if not settings.DEBUG:
        raise ImproperlyConfigured(
            "PROVISIONER=local runs candidates' programs as this user, without isolation. "
            "It works only with DEBUG=true."
        )
    if settings.LOCAL_WORKSPACE_HOST in {"0.0.0.0", "::", ""}:  # noqa: S104
        raise ImproperlyConfigured(
            "LOCAL_WORKSPACE_HOST must be the name or address under which browsers reach this "
            "machine, such as 127.0.0.1."
        )
    return LocalProvisioner(
        root=settings.DATA_DIR / "workspaces",
        host=settings.LOCAL_WORKSPACE_HOST,
        code_server=_code_server_binary(),
        autosave_wait_seconds=AUTOSAVE_SECONDS + 1,
    )


def _code_server_binary() -> str | None:
    """Return the code-server program, or None to use JupyterLab.

    Raises:
        ImproperlyConfigured: if CODE_SERVER names a program that does not exist.
    """
    if settings.CODE_SERVER == "none":
        return None
    if settings.CODE_SERVER and not shutil.which(settings.CODE_SERVER):
        raise ImproperlyConfigured(
            f"CODE_SERVER={settings.CODE_SERVER} isn't a program. Name one, or leave it empty."
        )
    return settings.CODE_SERVER or shutil.which("code-server")


def _docker_provisioner() -> Provisioner:
    """Build it without connecting to the engine: not every process may use its socket."""
    return DockerProvisioner(
        options.read_options(settings, autosave_wait_seconds=AUTOSAVE_SECONDS + 1)
    )


def _swarm_provisioner() -> Provisioner:
    return SwarmProvisioner(
        swarm_options.read_options(settings, autosave_wait_seconds=AUTOSAVE_SECONDS + 1)
    )


def _kubernetes_provisioner() -> Provisioner:
    return KubernetesProvisioner(
        read_kubernetes_options(autosave_wait_seconds=AUTOSAVE_SECONDS + 1)
    )


def read_kubernetes_options(autosave_wait_seconds: float) -> KubernetesOptions:
    """Read the options without connecting to the cluster.

    Raises:
        ImproperlyConfigured: if a setting is invalid, or the official client is not installed.
    """
    if find_spec("kubernetes") is None:
        raise ImproperlyConfigured(
            "PROVISIONER=kubernetes needs the official client, which isn't installed: "
            "pip install -c constraints.txt 'takehome-platform[kubernetes]'"
        )
    return kubernetes_options.read_options(settings, autosave_wait_seconds)


FACTORIES: dict[str, Callable[[], Provisioner]] = {
    "docker": _docker_provisioner,
    "kubernetes": _kubernetes_provisioner,
    "local": _local_provisioner,
    "swarm": _swarm_provisioner,
}

# Known without the settings of an engine, which may be another one than that of new workspaces.
_ISOLATION = {
    each.name: each.isolates
    for each in (DockerProvisioner, KubernetesProvisioner, LocalProvisioner, SwarmProvisioner)
}


# What only a network that enforces policies does in a cluster, which the API does not tell.
_BY_NETWORK_POLICY = {Isolation.NEIGHBOURS, Isolation.INTERNET}


def isolation_of(name: str) -> frozenset[Isolation]:
    """Return what the engine of that name keeps its workspaces from: nothing, if it is unknown.

    Raises:
        ImproperlyConfigured: if a setting is invalid.
    """
    isolated = _ISOLATION.get(name, frozenset())
    if name == KubernetesProvisioner.name and not options.boolean(
        "KUBERNETES_ENFORCES_POLICIES", settings.KUBERNETES_ENFORCES_POLICIES
    ):
        return isolated - _BY_NETWORK_POLICY
    return isolated


def internet_setting(name: str) -> str:
    """Return the name of the setting that says whether workspaces of that engine have internet."""
    return "KUBERNETES_INTERNET" if name == KubernetesProvisioner.name else "DOCKER_INTERNET"


def gives_internet(name: str) -> bool:
    """Whether workspaces of that engine reach the internet, unless their challenge forbids it.

    Raises:
        ImproperlyConfigured: if the setting is invalid.
    """
    setting = internet_setting(name)
    return options.boolean(setting, getattr(settings, setting))


def get_provisioner(name: str) -> Provisioner:
    """Return the provisioner of that name.

    Raises:
        ImproperlyConfigured: if the name is unknown, or the settings do not allow this provisioner.
    """
    if name not in FACTORIES:
        known = ", ".join(sorted(FACTORIES))
        raise ImproperlyConfigured(f"PROVISIONER={name} is unknown. Use one of: {known}.")
    return FACTORIES[name]()

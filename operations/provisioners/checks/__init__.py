"""Runs of automated checks: a command on a copy of a submission, apart from everything else."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners
from operations.provisioners.checks.base import CheckRunner
from operations.provisioners.checks.container import DockerCheckRunner
from operations.provisioners.checks.pod import KubernetesCheckRunner
from operations.provisioners.checks.process import LocalCheckRunner
from operations.provisioners.docker import options
from operations.provisioners.swarm import options as swarm_options


def _local_runner() -> CheckRunner:
    if not settings.DEBUG:
        raise ImproperlyConfigured(
            "PROVISIONER=local runs checks as this user, without isolation. It works only with "
            "DEBUG=true."
        )
    return LocalCheckRunner(settings.DATA_DIR / "checks")


def _docker_runner() -> CheckRunner:
    return DockerCheckRunner(options.read_options(settings, autosave_wait_seconds=0.0))


def _swarm_runner() -> CheckRunner:
    """Checks run on the manager's own engine: they are short, and need no place."""
    return DockerCheckRunner(
        swarm_options.read_options(settings, autosave_wait_seconds=0.0).manager
    )


def _kubernetes_runner() -> CheckRunner:
    return KubernetesCheckRunner(provisioners.read_kubernetes_options(autosave_wait_seconds=0.0))


RUNNERS: dict[str, Callable[[], CheckRunner]] = {
    "docker": _docker_runner,
    "kubernetes": _kubernetes_runner,
    "local": _local_runner,
    "swarm": _swarm_runner,
}


def get_check_runner(name: str) -> CheckRunner:
    """Return the runner of the provisioner of that name.

    Raises:
        ImproperlyConfigured: if there is none, or the settings do not allow it.
    """
    if name not in RUNNERS:
        known = ", ".join(sorted(RUNNERS))
        raise ImproperlyConfigured(
            f"PROVISIONER={name} has no runner of automated checks. Those that have: {known}."
        )
    return RUNNERS[name]()

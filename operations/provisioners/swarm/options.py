"""The options of the swarm provisioner, read from the settings and validated once."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from operations.provisioners.docker import options as docker
from operations.provisioners.docker.options import DockerOptions, EngineTls

# What `docker service create --constraint` takes.
CONSTRAINT = re.compile(
    r"(node\.(id|hostname|role|ip|platform\.(os|arch)|labels\.[\w.-]+)|engine\.labels\.[\w.-]+)"
    r" ?(==|!=) ?[^ ].*"
)
NETWORK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


@dataclass(frozen=True)
class SwarmOptions:
    """The manager's API, and what workspaces on the machines of its swarm are made of."""

    manager: DockerOptions
    """How the manager is reached; the rest as in `machine`."""
    machine: DockerOptions
    """The engine of any machine, without what tells one from another: address, name and URL."""
    url: str
    """The template of a workspace's address, with {port} and {node}, {address} or {name} in it."""
    network: str = "takehome-agents"
    """The overlay network of the agents and the workers."""
    constraints: tuple[str, ...] = ()
    """Which machines may have workspaces, in Swarm's own words."""
    certificates: Path = Path("swarm")
    """The folder with the certificate of this deployment's workers and its CA's."""
    machine_patience: timedelta = timedelta(seconds=20)
    """How long Swarm may miss a machine before its workspaces are started elsewhere."""

    @property
    def platform(self) -> str:
        return self.machine.platform

    def machine_url(self, host: str, address: str) -> str:
        """Return the template for one machine: how browsers reach it, and its address in the swarm.

        The address has hyphens, so that it is a part of a host name, from which a proxy knows the
        machine: 192-0-2-7.
        """
        return self.url.replace("{node}", host).replace("{address}", re.sub("[.:]", "-", address))

    def publish_address(self, node_address: str) -> str:
        """Return the address of a machine on which its workspaces are published.

        An address that only the machine itself reaches is none: workers check workspaces there.
        """
        address = self.machine.publish_address
        return node_address if ip_address(address).is_loopback else address


def read_options(settings: Any, autosave_wait_seconds: float) -> SwarmOptions:
    """Read and validate the options.

    Raises:
        ImproperlyConfigured: if a setting is invalid; the message names it.
    """
    machine = replace(docker.read_options(settings, autosave_wait_seconds), network="")
    return SwarmOptions(
        manager=_manager(settings, machine),
        machine=machine,
        url=_workspace_url(settings.SWARM_WORKSPACE_URL),
        network=_network(settings.SWARM_NETWORK),
        constraints=_constraints(settings.SWARM_CONSTRAINTS),
        certificates=Path(settings.SWARM_CERTIFICATES or settings.DATA_DIR / "swarm"),
        machine_patience=timedelta(seconds=settings.SWARM_MACHINE_PATIENCE),
    )


def _manager(settings: Any, machine: DockerOptions) -> DockerOptions:
    scheme = urlsplit(settings.SWARM_HOST).scheme
    if scheme == "unix":
        return replace(machine, host=settings.SWARM_HOST, host_setting="SWARM_HOST")
    if scheme != "tcp":
        raise ImproperlyConfigured("SWARM_HOST must start with unix:// or tcp://.")
    files = {
        name: getattr(settings, name)
        for name in ("SWARM_TLS_CA", "SWARM_TLS_CERT", "SWARM_TLS_KEY")
    }
    for name, path in files.items():
        if not path:
            raise ImproperlyConfigured(
                f"SWARM_HOST is reached over the network, so {name} must name a file: whoever may "
                "use a manager without one is root on every machine."
            )
        if not Path(path).is_file():
            raise ImproperlyConfigured(f"{name}={path} isn't a file.")
    return replace(
        machine,
        host=settings.SWARM_HOST,
        host_setting="SWARM_HOST",
        tls=EngineTls(*files.values()),
    )


def _workspace_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured("SWARM_WORKSPACE_URL must start with http:// or https://.")
    if "{port}" not in value or not any(
        each in value for each in ("{node}", "{address}", "{name}")
    ):
        raise ImproperlyConfigured(
            "SWARM_WORKSPACE_URL must have {port}, and {node}, {address} or {name}: each workspace "
            "has its own address."
        )
    return value


def _network(value: str) -> str:
    if not NETWORK_NAME.fullmatch(value):
        raise ImproperlyConfigured("SWARM_NETWORK must be the name of a network.")
    return value


def _constraints(values: list[str]) -> tuple[str, ...]:
    found = tuple(value.strip() for value in values if value.strip())
    for each in found:
        if not CONSTRAINT.fullmatch(each):
            raise ImproperlyConfigured(
                f"SWARM_CONSTRAINTS has {each}, which Swarm doesn't understand. Write them as in "
                "node.labels.takehome==true, separated by commas."
            )
    return found

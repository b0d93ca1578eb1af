"""The options of the Docker provisioner, read from the settings and validated once."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# The port that the editor listens on inside the workspace's network.
EDITOR_PORT = 8080
# How long a part of a host name may be.
MAX_LABEL = 63
# Each workspace's own network needs a gateway, the workspace, network and broadcast address.
SUBNET_PREFIX = 29

# Private, shared, link-local (cloud metadata services), benchmarking, multicast, reserved.
NON_PUBLIC_NETWORKS = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)


@dataclass(frozen=True)
class EngineTls:
    """How this process and an engine at a tcp:// address prove to each other who they are: paths of
    PEM files."""

    ca: str
    certificate: str
    key: str
    name: str = ""
    """The name that the engine's certificate must have; empty for the host of its address."""


@dataclass(frozen=True)
class DockerOptions:
    """The address of the engine, and the defaults of its workspaces."""

    host: str
    image: str
    helper_image: str
    url: str
    """The template of a workspace's address, with {port} or {name} in it."""
    platform: str = "default"
    """The deployment that owns the workspaces: several may share one engine."""
    publish_address: str = "127.0.0.1"
    ports: range = range(20_000, 30_000)
    network: str = ""
    """The network that the platform and a proxy share with all workspaces; empty for none."""
    subnets: IPv4Network = field(default_factory=lambda: IPv4Network("10.213.0.0/16"))
    internet: bool = True
    blocked_networks: tuple[str, ...] = NON_PUBLIC_NETWORKS
    """Networks that workspaces may not reach."""
    cpus: float = 2.0
    memory_mb: int = 2048
    disk_mb: int = 5 * 1024
    """The size of a workspace's disk (MiB); 0 for no limit."""
    autosave_wait_seconds: float = 0.0
    """How long an export waits for the editor's last autosave."""
    host_setting: str = "DOCKER_HOST"
    """The setting that `host` is from."""
    tls: EngineTls | None = None
    machine: str = ""
    """The name of the engine's machine in a swarm; empty for a single engine."""
    checked_at: str = ""
    """The address at which health checks find published ports; empty for `publish_address`."""

    @property
    def is_published(self) -> bool:
        return "{port}" in self.url

    def workspace_url(self, name: str, port: int | None) -> str:
        """Return the address at which a browser opens the workspace of that name.

        A part of a host name has 63 characters at most (RFC 1035). Where the port stands in the
        same part, that tells workspaces apart, and the name loses its beginning.
        """
        url = self.url.replace("{port}", str(port))
        host = urlsplit(url).netloc.partition(":")[0]
        beside = [len(each) - len("{name}") for each in host.split(".") if "{name}" in each]
        room = max(1, MAX_LABEL - max(beside, default=0))
        return url.replace("{name}", name.lower()[-room:].lstrip("-"))


def read_options(settings: Any, autosave_wait_seconds: float) -> DockerOptions:
    """Read and validate the options.

    Raises:
        ImproperlyConfigured: if a setting is invalid; the message names it.
    """
    if settings.TABLE_PREFIX == "default":
        raise ImproperlyConfigured(
            "TABLE_PREFIX can't be default, the engine's name for a platform without one."
        )
    options = DockerOptions(
        host=_engine_url(settings.DOCKER_HOST),
        image=_required_image("DOCKER_IMAGE", settings.DOCKER_IMAGE),
        helper_image=_required_image("DOCKER_HELPER_IMAGE", settings.DOCKER_HELPER_IMAGE),
        url=_workspace_url(settings.DOCKER_WORKSPACE_URL),
        platform=settings.TABLE_PREFIX or "default",
        publish_address=_publish_address(settings.DOCKER_PUBLISH_ADDRESS),
        ports=_ports(settings.DOCKER_PORTS),
        network=settings.DOCKER_NETWORK,
        subnets=_subnets(settings.DOCKER_SUBNETS),
        internet=boolean("DOCKER_INTERNET", settings.DOCKER_INTERNET),
        blocked_networks=NON_PUBLIC_NETWORKS + _networks("DOCKER_REFUSED", settings.DOCKER_REFUSED),
        cpus=_number("DOCKER_CPUS", settings.DOCKER_CPUS, 0.1, "processors, such as 2 or 0.5"),
        memory_mb=int(_number("DOCKER_MEMORY_MB", settings.DOCKER_MEMORY_MB, 256, "megabytes")),
        disk_mb=int(
            1024 * _number("DOCKER_DISK_GB", settings.DOCKER_DISK_GB, 0, "gigabytes; 0: no limit")
        ),
        autosave_wait_seconds=autosave_wait_seconds,
    )
    if not options.is_published and not options.network:
        raise ImproperlyConfigured(
            "DOCKER_WORKSPACE_URL has no {port}, so a proxy must lead to workspaces. Set "
            "DOCKER_NETWORK to the network that it shares with them."
        )
    return options


def _required_image(name: str, value: str) -> str:
    if not value.strip():
        raise ImproperlyConfigured(f"{name} must name an image.")
    return value.strip()


def _engine_url(value: str) -> str:
    if urlsplit(value).scheme not in ("unix", "tcp"):
        raise ImproperlyConfigured("DOCKER_HOST must start with unix:// or tcp://.")
    return value


def _workspace_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured("DOCKER_WORKSPACE_URL must start with http:// or https://.")
    if "{port}" not in value and "{name}" not in value:
        raise ImproperlyConfigured(
            "DOCKER_WORKSPACE_URL must have {port} or {name}: each workspace has its own address."
        )
    return value


def _publish_address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ImproperlyConfigured(
            "DOCKER_PUBLISH_ADDRESS must be an IP address of the engine's machine, such as "
            "127.0.0.1, or 0.0.0.0 for all."
        ) from None


def _ports(value: str) -> range:
    match = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", value)
    first, last = map(int, match.groups()) if match else (0, 0)
    if not 1 <= first <= last <= 65535:
        raise ImproperlyConfigured("DOCKER_PORTS must be two ports, such as 20000-29999.")
    return range(first, last + 1)


def _subnets(value: str) -> IPv4Network:
    try:
        network = IPv4Network(value)
    except ValueError:
        network = None
    if network is None or network.prefixlen > SUBNET_PREFIX or not network.is_private:
        raise ImproperlyConfigured(
            "DOCKER_SUBNETS must be a private range that nothing else uses, such as 10.213.0.0/16."
        )
    return network


def _networks(name: str, values: list[str]) -> tuple[str, ...]:
    try:
        return tuple(str(IPv4Network(value.strip())) for value in values if value.strip())
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be IPv4 addresses or ranges separated by commas, such as 203.0.113.7"
        ) from None


def boolean(name: str, value: str) -> bool:
    """Parse the setting of that name.

    Raises:
        ImproperlyConfigured: if it is invalid.
    """
    if value.lower() not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return value.lower() == "true"


def _number(name: str, value: str, minimum: float, unit: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", value) or float(value) < minimum:
        raise ImproperlyConfigured(f"{name} must be a number of {unit}, {minimum:g} or more.")
    return float(value)

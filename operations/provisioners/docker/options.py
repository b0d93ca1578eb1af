"""What the Docker engine is told by settings: read once, refused where it cannot work."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# Of each workspace's own network: its gateway, the workspace, and what a range needs besides.
SUBNET_PREFIX = 29

# Private, shared, link-local (with the metadata services of clouds), multicast, reserved.
NOT_PUBLIC = (
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
class Options:
    """Where the engine is, and what its workspaces are like where nothing else is said."""

    host: str
    image: str
    helper_image: str
    url: str
    """The address of a workspace, in which {port} or {name} is replaced."""
    platform: str = "default"
    """Which deployment they belong to, of several on one engine."""
    publish_address: str = "127.0.0.1"
    ports: range = range(20_000, 30_000)
    network: str = ""
    """The network that the platform and a proxy share with all workspaces; empty: none."""
    subnets: IPv4Network = field(default_factory=lambda: IPv4Network("10.213.0.0/16"))
    internet: bool = True
    refused: tuple[str, ...] = NOT_PUBLIC
    """Networks that no workspace may reach."""
    cpus: float = 2.0
    memory_mb: int = 2048
    disk_mb: int = 5 * 1024
    """0: no limit."""
    settle: float = 0.0
    """Seconds that an export leaves the editor for its last autosave."""

    @property
    def is_published(self) -> bool:
        return "{port}" in self.url

    def url_of(self, name: str, port: int | None) -> str:
        """Where a browser opens the workspace of that name."""
        return self.url.replace("{name}", name.lower()).replace("{port}", str(port))


def read_options(settings: Any, settle: float) -> Options:
    """The options as the settings have them. ImproperlyConfigured names the one that is wrong."""
    if settings.TABLE_PREFIX == "default":
        raise ImproperlyConfigured(
            "TABLE_PREFIX must not be default: a platform without one is called so on the engine."
        )
    options = Options(
        host=_engine(settings.DOCKER_HOST),
        image=_needed("DOCKER_IMAGE", settings.DOCKER_IMAGE),
        helper_image=_needed("DOCKER_HELPER_IMAGE", settings.DOCKER_HELPER_IMAGE),
        url=_url(settings.DOCKER_WORKSPACE_URL),
        platform=settings.TABLE_PREFIX or "default",
        publish_address=_address(settings.DOCKER_PUBLISH_ADDRESS),
        ports=_ports(settings.DOCKER_PORTS),
        network=settings.DOCKER_NETWORK,
        subnets=_subnets(settings.DOCKER_SUBNETS),
        internet=_yes_or_no("DOCKER_INTERNET", settings.DOCKER_INTERNET),
        refused=NOT_PUBLIC + _networks("DOCKER_REFUSED", settings.DOCKER_REFUSED),
        cpus=_number("DOCKER_CPUS", settings.DOCKER_CPUS, 0.1, "processors, such as 2 or 0.5"),
        memory_mb=int(_number("DOCKER_MEMORY_MB", settings.DOCKER_MEMORY_MB, 256, "megabytes")),
        disk_mb=int(
            1024 * _number("DOCKER_DISK_GB", settings.DOCKER_DISK_GB, 0, "gigabytes; 0: no limit")
        ),
        settle=settle,
    )
    if not options.is_published and not options.network:
        raise ImproperlyConfigured(
            "DOCKER_WORKSPACE_URL has no {port}, so a proxy is to lead to workspaces: name in "
            "DOCKER_NETWORK the network that it shares with them."
        )
    return options


def _needed(name: str, value: str) -> str:
    if not value.strip():
        raise ImproperlyConfigured(f"{name} must name an image.")
    return value.strip()


def _engine(value: str) -> str:
    if urlsplit(value).scheme not in ("unix", "tcp"):
        raise ImproperlyConfigured("DOCKER_HOST must start with unix:// or tcp://.")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value.replace("{port}", "1").replace("{name}", "x"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured("DOCKER_WORKSPACE_URL must start with http:// or https://.")
    if "{port}" not in value and "{name}" not in value:
        raise ImproperlyConfigured(
            "DOCKER_WORKSPACE_URL must hold {port} or {name}: each workspace has its own address."
        )
    return value


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ImproperlyConfigured(
            "DOCKER_PUBLISH_ADDRESS must be an IP address of the engine's machine, such as "
            "127.0.0.1, or 0.0.0.0 for all."
        ) from None


def _ports(value: str) -> range:
    found = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", value)
    first, last = map(int, found.groups()) if found else (0, 0)
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
            f"{name} must be IPv4 addresses or ranges with commas between them: 203.0.113.7"
        ) from None


def _yes_or_no(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return value.lower() == "true"


def _number(name: str, value: str, least: float, what: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", value) or float(value) < least:
        raise ImproperlyConfigured(f"{name} must be a number of {what}, {least:g} at least.")
    return float(value)

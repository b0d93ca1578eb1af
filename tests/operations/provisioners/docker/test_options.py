"""The options of the Docker provisioner, and the errors for invalid settings."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners
from operations.apps import check_provisioner
from operations.provisioners.docker.options import NON_PUBLIC_NETWORKS, read_options
from operations.provisioners.docker.provisioner import DockerProvisioner


def test_default_settings_are_valid_without_an_engine(settings: Any) -> None:
    settings.PROVISIONER = "docker"
    settings.DOCKER_HOST = "unix:///nowhere/docker.sock"
    settings.TABLE_PREFIX = "two_"
    assert check_provisioner() == []
    engine = provisioners.get_provisioner("docker")
    assert isinstance(engine, DockerProvisioner) and engine.name == "docker"
    options = read_options(settings, autosave_wait_seconds=3)
    assert (options.platform, options.autosave_wait_seconds, options.disk_mb) == ("two_", 3, 5120)
    assert options.workspace_url("Int-1", 20_001) == "http://int-1.localhost:20001/"
    assert options.workspace_url("n" * 63, 20_001) == f"http://{'n' * 63}.localhost:20001/"
    assert (options.blocked_networks, options.internet) == (NON_PUBLIC_NETWORKS, True)


SENTENCES = {
    "DOCKER_HOST": "must start with unix:// or tcp://.",
    "DOCKER_IMAGE": "must name an image.",
    "DOCKER_HELPER_IMAGE": "must name an image.",
    "DOCKER_PUBLISH_ADDRESS": "must be an IP address of the engine's machine, such as 127.0.0.1, "
    "or 0.0.0.0 for all.",
    "DOCKER_PORTS": "must be two ports, such as 20000-29999.",
    "DOCKER_SUBNETS": "must be a private range that nothing else uses, such as 10.213.0.0/16.",
    "DOCKER_INTERNET": "must be true or false.",
    "DOCKER_REFUSED": "must be IPv4 addresses or ranges separated by commas, such as 203.0.113.7",
    "DOCKER_CPUS": "must be a number of processors, such as 2 or 0.5, 0.1 or more.",
    "DOCKER_MEMORY_MB": "must be a number of megabytes, 256 or more.",
    "DOCKER_DISK_GB": "must be a number of gigabytes; 0: no limit, 0 or more.",
    "TABLE_PREFIX": "can't be default, the engine's name for a platform without one.",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOCKER_HOST", "/var/run/docker.sock"),
        ("DOCKER_IMAGE", " "),
        ("DOCKER_HELPER_IMAGE", ""),
        ("DOCKER_PUBLISH_ADDRESS", "localhost"),
        ("DOCKER_PORTS", "20000"),
        ("DOCKER_PORTS", "30000-20000"),
        ("DOCKER_PORTS", "1-65536"),
        ("DOCKER_PORTS", "0-20000"),
        ("DOCKER_PORTS", "20000-30000 "),
        ("DOCKER_SUBNETS", "10.213.0.1/16"),
        ("DOCKER_SUBNETS", "10.213.0.0/30"),
        ("DOCKER_SUBNETS", "8.0.0.0/16"),
        ("DOCKER_INTERNET", "perhaps"),
        ("DOCKER_REFUSED", ["203.0.113.7", "example.com"]),
        ("DOCKER_CPUS", "0"),
        ("DOCKER_CPUS", "0.09"),
        ("DOCKER_MEMORY_MB", "2g"),
        ("DOCKER_MEMORY_MB", "255.999"),
        ("DOCKER_DISK_GB", "-1"),
        ("TABLE_PREFIX", "default"),
    ],
)
def test_invalid_setting_is_named(settings: Any, name: str, value: Any) -> None:
    settings.PROVISIONER = "docker"
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured) as raised:
        read_options(settings, autosave_wait_seconds=0)
    assert str(raised.value) == f"{name} {SENTENCES[name]}"
    [error] = check_provisioner()
    assert error.id == "operations.E001"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://{port}", "must start with http:// or https://."),
        ("https://:{port}/", "must start with http:// or https://."),
        (
            "https://workspaces.example.com/",
            "must have {port} or {name}: each workspace has its own address.",
        ),
        (
            "https://{name}.workspaces.example.com/",
            "has no {port}, so a proxy must lead to workspaces. Set DOCKER_NETWORK to the "
            "network that it shares with them.",
        ),
    ],
)
def test_invalid_address_of_workspaces_is_explained(settings: Any, url: str, sentence: str) -> None:
    settings.DOCKER_WORKSPACE_URL = url
    with pytest.raises(ImproperlyConfigured) as raised:
        read_options(settings, autosave_wait_seconds=0)
    assert str(raised.value) == f"DOCKER_WORKSPACE_URL {sentence}"


def test_least_and_greatest_values_are_valid(settings: Any) -> None:
    settings.DOCKER_HOST = "tcp://engine.example.com:2376"
    settings.DOCKER_IMAGE = " image "
    settings.DOCKER_PUBLISH_ADDRESS = "0.0.0.0"
    settings.DOCKER_PORTS = "1-65535"
    settings.DOCKER_SUBNETS = "10.213.0.0/29"
    settings.DOCKER_INTERNET = "FALSE"
    settings.DOCKER_CPUS = "0.1"
    settings.DOCKER_MEMORY_MB = "256"
    settings.DOCKER_DISK_GB = "0"
    options = read_options(settings, autosave_wait_seconds=0)
    assert (options.host, options.image) == ("tcp://engine.example.com:2376", "image")
    assert (options.publish_address, options.ports) == ("0.0.0.0", range(1, 65536))
    assert (options.subnets, options.internet) == (IPv4Network("10.213.0.0/29"), False)
    assert (options.cpus, options.memory_mb, options.disk_mb) == (0.1, 256, 0)
    assert options.platform == "default"
    settings.DOCKER_PORTS = "20000-20000"
    assert read_options(settings, autosave_wait_seconds=0).ports == range(20_000, 20_001)


def test_with_a_proxy_no_port_is_published(settings: Any) -> None:
    settings.DOCKER_WORKSPACE_URL = "https://{name}.workspaces.example.com/"
    settings.DOCKER_NETWORK = "shared"
    options = read_options(settings, autosave_wait_seconds=0)
    assert not options.is_published
    assert options.workspace_url("Int-1", None) == "https://int-1.workspaces.example.com/"


def test_docker_refused_adds_blocked_networks(settings: Any) -> None:
    settings.DOCKER_REFUSED = ["203.0.113.7", " 198.51.100.0/24"]
    blocked = read_options(settings, autosave_wait_seconds=0).blocked_networks
    assert blocked == (*NON_PUBLIC_NETWORKS, "203.0.113.7/32", "198.51.100.0/24")

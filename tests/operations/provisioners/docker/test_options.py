"""The options of the Docker provisioner, and the errors for invalid settings."""

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
    assert options.workspace_url("Int-1", 20_001) == "http://127.0.0.1:20001/"
    assert (options.blocked_networks, options.internet) == (NON_PUBLIC_NETWORKS, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOCKER_HOST", "/var/run/docker.sock"),
        ("DOCKER_IMAGE", " "),
        ("DOCKER_HELPER_IMAGE", ""),
        ("DOCKER_WORKSPACE_URL", "ftp://{port}"),
        ("DOCKER_WORKSPACE_URL", "https://workspaces.example.com/"),
        ("DOCKER_WORKSPACE_URL", "https://{name}.workspaces.example.com/"),
        ("DOCKER_PUBLISH_ADDRESS", "localhost"),
        ("DOCKER_PORTS", "20000"),
        ("DOCKER_PORTS", "30000-20000"),
        ("DOCKER_PORTS", "1-65536"),
        ("DOCKER_SUBNETS", "10.213.0.1/16"),
        ("DOCKER_SUBNETS", "10.213.0.0/30"),
        ("DOCKER_SUBNETS", "8.0.0.0/16"),
        ("DOCKER_INTERNET", "perhaps"),
        ("DOCKER_REFUSED", ["203.0.113.7", "example.com"]),
        ("DOCKER_CPUS", "0"),
        ("DOCKER_MEMORY_MB", "2g"),
        ("DOCKER_DISK_GB", "-1"),
        ("TABLE_PREFIX", "default"),
    ],
)
def test_invalid_setting_is_named(settings: Any, name: str, value: Any) -> None:
    settings.PROVISIONER = "docker"
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} "):
        read_options(settings, autosave_wait_seconds=0)
    [error] = check_provisioner()
    assert error.id == "operations.E001"


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

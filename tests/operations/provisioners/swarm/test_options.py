"""The settings of PROVISIONER=swarm: each error names the setting."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners
from operations.provisioners.base import USUAL_PATIENCE, Isolation
from operations.provisioners.checks import get_check_runner
from operations.provisioners.swarm.options import read_options
from operations.provisioners.swarm.provisioner import SwarmProvisioner


def test_provisioner_and_its_runner_of_checks_are_made_from_the_settings(settings: Any) -> None:
    settings.PROVISIONER = "swarm"
    engine = provisioners.get_provisioner("swarm")
    assert isinstance(engine, SwarmProvisioner) and engine.name == "swarm"
    assert engine.patience > USUAL_PATIENCE
    assert provisioners.isolation_of("swarm") == frozenset(Isolation)
    assert get_check_runner("swarm").name == "docker"


def test_defaults(settings: Any) -> None:
    options = read_options(settings, 1.0)
    assert options.manager.host == "unix:///var/run/docker.sock"
    assert options.manager.host_setting == "SWARM_HOST"
    assert options.manager.tls is None
    assert options.certificates == settings.DATA_DIR / "swarm"
    assert (options.network, options.constraints) == ("takehome-agents", ())
    assert options.url == "http://{node}:{port}/"
    assert options.machine.autosave_wait_seconds == 1.0


def test_what_docker_settings_say_holds_on_each_machine(settings: Any) -> None:
    settings.DOCKER_CPUS, settings.DOCKER_NETWORK = "1.5", "only-of-one-engine"
    machine = read_options(settings, 0).machine
    assert (machine.cpus, machine.network) == (1.5, "")


@pytest.mark.parametrize(
    ("published", "expected"),
    [("127.0.0.1", "192.0.2.7"), ("0.0.0.0", "0.0.0.0"), ("198.51.100.3", "198.51.100.3")],
)
def test_workspaces_are_published_where_workers_reach_them(
    settings: Any, published: str, expected: str
) -> None:
    settings.DOCKER_PUBLISH_ADDRESS = published
    assert read_options(settings, 0).publish_address("192.0.2.7") == expected


def test_constraints_are_a_list(settings: Any) -> None:
    settings.SWARM_CONSTRAINTS = ["node.labels.takehome==true", " node.role != manager ", ""]
    assert read_options(settings, 0).constraints == (
        "node.labels.takehome==true",
        "node.role != manager",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SWARM_HOST", "ssh://manager"),
        ("SWARM_NETWORK", "not a name"),
        ("SWARM_CONSTRAINTS", ["takehome=true"]),
        ("SWARM_WORKSPACE_URL", "{node}:{port}"),
        ("SWARM_WORKSPACE_URL", "http://{node}/"),
        ("SWARM_WORKSPACE_URL", "http://workspaces.example.com:{port}/"),
        ("DOCKER_CPUS", "none"),
    ],
)
def test_wrong_value_is_refused_by_name(settings: Any, name: str, value: Any) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_options(settings, 0)


def test_manager_over_the_network_needs_tls(settings: Any, tmp_path: Path) -> None:
    settings.SWARM_HOST = "tcp://192.0.2.1:2376"
    names = ("SWARM_TLS_CA", "SWARM_TLS_CERT", "SWARM_TLS_KEY")
    for name in names:
        with pytest.raises(ImproperlyConfigured, match=f"{name} must name a file"):
            read_options(settings, 0)
        setattr(settings, name, str(tmp_path / name))
        with pytest.raises(ImproperlyConfigured, match=f"{name}=.* isn't a file"):
            read_options(settings, 0)
        (tmp_path / name).touch()
    tls = read_options(settings, 0).manager.tls
    assert tls is not None
    assert [tls.ca, tls.certificate, tls.key] == [str(tmp_path / name) for name in names]
    # The manager's certificate is for its host.
    assert tls.name == ""

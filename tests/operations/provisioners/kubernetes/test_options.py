"""The settings of PROVISIONER=kubernetes: each error names the setting."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from operations import provisioners
from operations.admission.limits import limit_of
from operations.apps import check_provisioner
from operations.provisioners.base import USUAL_PATIENCE, Isolation
from operations.provisioners.checks import get_check_runner
from operations.provisioners.kubernetes import options as module
from operations.provisioners.kubernetes.options import Gateway, read_options
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner


@pytest.fixture(autouse=True)
def kubernetes(settings: Any) -> None:
    settings.PROVISIONER = "kubernetes"
    settings.KUBERNETES_NAMESPACE = "takehome-workspaces"
    settings.KUBERNETES_HELPER_IMAGE = "registry.example/platform:1"
    settings.KUBERNETES_WORKSPACE_URL = "https://{name}.workspaces.example.com/"
    settings.KUBERNETES_PROXY_NAMESPACE = "ingress-nginx"
    settings.KUBERNETES_INGRESS_CLASS = "nginx"
    settings.KUBERNETES_ENFORCES_POLICIES = "true"


def test_nothing_is_said_of_a_network_that_nobody_has_looked_at(settings: Any) -> None:
    settings.KUBERNETES_ENFORCES_POLICIES = "false"
    isolated = provisioners.isolation_of("kubernetes")
    assert isolated == {Isolation.PROCESSES, Isolation.DISK}
    assert not read_options(settings, 1.0).enforces_policies
    settings.KUBERNETES_ENFORCES_POLICIES = "perhaps"
    with pytest.raises(ImproperlyConfigured, match="KUBERNETES_ENFORCES_POLICIES"):
        provisioners.isolation_of("kubernetes")


def test_provisioner_and_its_runner_of_checks_are_made_from_the_settings() -> None:
    assert check_provisioner() == []
    engine = provisioners.get_provisioner("kubernetes")
    assert isinstance(engine, KubernetesProvisioner) and engine.name == "kubernetes"
    assert engine.patience > USUAL_PATIENCE
    assert provisioners.isolation_of("kubernetes") == engine.isolates
    assert get_check_runner("kubernetes").name == "kubernetes"


def test_no_policy_keeps_a_pod_from_its_own_machine() -> None:
    assert Isolation.PLATFORM not in provisioners.isolation_of("kubernetes")


def test_the_client_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioners, "find_spec", lambda name: None)
    [error] = check_provisioner()
    assert error.msg == (
        "PROVISIONER=kubernetes needs the official client, which isn't installed: pip install -c "
        "constraints.txt 'takehome-platform[kubernetes]'"
    )


def test_defaults(settings: Any) -> None:
    options = read_options(settings, 1.0)
    assert (options.image, options.home, options.user) == (
        "codercom/code-server:latest",
        "/home/coder",
        1000,
    )
    assert (options.cpus, options.memory_mb, options.disk_gb) == (2, 2048, 5)
    assert (options.kubeconfig, options.platform, options.internet) == ("", "default", True)
    assert options.workspace_url("Takehome-1") == "https://takehome-1.workspaces.example.com/"
    assert options.workspace_host("Takehome-1") == "takehome-1.workspaces.example.com"
    assert limit_of("kubernetes") is None
    settings.KUBERNETES_MAX_WORKSPACES = 7
    assert limit_of("kubernetes") == 7


def test_what_else_may_be_set(settings: Any, tmp_path: Path) -> None:
    settings.KUBERNETES_INGRESS_CLASS, settings.KUBERNETES_GATEWAY = "", "gateways/public"
    settings.KUBERNETES_NODE_SELECTOR = ["takehome=true", " kubernetes.io/arch=amd64 ", ""]
    settings.KUBERNETES_REFUSED = ["203.0.113.7", " 198.51.100.0/24"]
    settings.KUBERNETES_KUBECONFIG = str(tmp_path / "config")
    (tmp_path / "config").touch()
    options = read_options(settings, 0)
    assert options.gateway == Gateway("gateways", "public")
    assert options.node_labels == (("takehome", "true"), ("kubernetes.io/arch", "amd64"))
    assert options.blocked_networks[-2:] == ("203.0.113.7/32", "198.51.100.0/24")
    assert "169.254.0.0/16" in options.blocked_networks


def test_the_namespace_is_that_of_this_pod(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "namespace"
    monkeypatch.setattr(module, "OWN_NAMESPACE", own)
    settings.KUBERNETES_NAMESPACE = ""
    with pytest.raises(ImproperlyConfigured, match="KUBERNETES_NAMESPACE must name"):
        read_options(settings, 0)
    own.write_text("takehome")
    assert read_options(settings, 0).namespace == "takehome"


def test_whether_there_is_internet_is_asked_of_the_engine(settings: Any) -> None:
    settings.KUBERNETES_INTERNET, settings.DOCKER_INTERNET = "false", "true"
    assert not provisioners.gives_internet("kubernetes")
    assert provisioners.gives_internet("docker") and provisioners.gives_internet("swarm")
    assert provisioners.internet_setting("kubernetes") == "KUBERNETES_INTERNET"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TABLE_PREFIX", "default"),
        ("KUBERNETES_NAMESPACE", "Not_a_name"),
        ("KUBERNETES_IMAGE", " "),
        ("KUBERNETES_HELPER_IMAGE", ""),
        ("KUBERNETES_HOME", "home"),
        ("KUBERNETES_HOME", "/"),
        ("KUBERNETES_HOME", "/home/../etc"),
        ("KUBERNETES_USER", "0"),
        ("KUBERNETES_USER", "coder"),
        ("KUBERNETES_WORKSPACE_URL", ""),
        ("KUBERNETES_WORKSPACE_URL", "https://workspaces.example.com/{name}/"),
        ("KUBERNETES_WORKSPACE_URL", "https://w-{name}.example.com/"),
        ("KUBERNETES_WORKSPACE_URL", "ftp://{name}.example.com/"),
        ("KUBERNETES_PROXY_NAMESPACE", ""),
        ("KUBERNETES_INGRESS_CLASS", "a b"),
        ("KUBERNETES_INGRESS_CLASS", ""),
        ("KUBERNETES_GATEWAY", "public"),
        ("KUBERNETES_GATEWAY", "gateways/public"),
        ("KUBERNETES_TLS_SECRET", "a/b"),
        ("KUBERNETES_PULL_SECRET", "-"),
        ("KUBERNETES_KUBECONFIG", "/nowhere/config"),
        ("KUBERNETES_CPUS", "many"),
        ("KUBERNETES_MEMORY_MB", "100"),
        ("KUBERNETES_DISK_GB", "0"),
        ("KUBERNETES_STORAGE_CLASS", "Fast"),
        ("KUBERNETES_NODE_SELECTOR", ["takehome"]),
        ("KUBERNETES_RUNTIME_CLASS", "g visor"),
        ("KUBERNETES_INTERNET", "sometimes"),
        ("KUBERNETES_REFUSED", ["here"]),
    ],
)
def test_invalid_setting_is_named(settings: Any, name: str, value: object) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_options(settings, 0)

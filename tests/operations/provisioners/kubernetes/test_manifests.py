"""What is asked of a cluster. That every manifest meets the API's own schema, and every Pod the
standard `restricted`, is checked by the simulated API server whenever one is created."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from operations.provisioners.base import EditorFeatures
from operations.provisioners.kubernetes import manifests, pods
from operations.provisioners.kubernetes.naming import Names
from operations.provisioners.kubernetes.options import KubernetesOptions
from tests.kubernetes.pod_security import violations
from tests.kubernetes.store import validator
from tests.operations.provisioners.conftest import PASSWORD
from tests.operations.provisioners.kubernetes.conftest import spec

OPTIONS = KubernetesOptions(
    namespace="takehome-workspaces",
    image="registry.example/code-server:1",
    helper_image="registry.example/platform:1",
    url="https://{name}.workspaces.example.com/",
    proxy_namespace="ingress",
    ingress_class="nginx",
    tls_secret="wildcard",
    storage_class="fast",
    runtime_class="gvisor",
    pull_secret="registry",
    node_labels=(("takehome", "true"),),
)
NAMES = Names("test-", "takehome-1")


def workspace_pod(**fields: Any) -> Any:
    options = replace(OPTIONS, **fields.pop("options", {}))
    stops_at = datetime(2026, 11, 30, tzinfo=UTC)
    return pods.workspace_pod(
        options,
        NAMES,
        spec(**fields),
        stops_at=stops_at,
        password_check="salt:hash",
        preferred_node="node-1",
    )


def all_manifests() -> list[Any]:
    return [
        workspace_pod(),
        pods.place_pod(OPTIONS, NAMES, None, None),
        pods.files_pod(OPTIONS, NAMES),
        manifests.claim(OPTIONS, NAMES),
        manifests.secret(NAMES, spec()),
        manifests.network_policy(OPTIONS, NAMES, internet=True),
        manifests.network_policy(OPTIONS, NAMES, internet=False),
        manifests.service(NAMES),
        manifests.ingress(OPTIONS, NAMES),
    ]


@pytest.mark.parametrize("manifest", all_manifests(), ids=lambda each: each["kind"])
def test_every_manifest_meets_the_schema_of_the_api(manifest: Any) -> None:
    validate = validator(manifest["apiVersion"], manifest["kind"])
    assert [error.message for error in validate.iter_errors(manifest)] == []
    # A field that the API does not know is an error, and so would be a misspelt one.
    assert list(validate.iter_errors(manifest | {"sepc": {}}))


@pytest.mark.parametrize(
    "pod",
    [each for each in all_manifests() if each["kind"] == "Pod"],
    ids=lambda each: each["metadata"]["name"],
)
def test_every_pod_has_next_to_no_rights(pod: Any) -> None:
    assert violations(pod) == []
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["enableServiceLinks"] is False
    assert pod["spec"]["securityContext"]["runAsUser"] == 1000
    assert pod["spec"]["runtimeClassName"] == "gvisor"
    assert pod["spec"]["nodeSelector"] == {"takehome": "true"}
    assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    for container in [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        for kind in ("requests", "limits"):
            assert container["resources"][kind].keys() == {"cpu", "memory", "ephemeral-storage"}


def test_limits_are_those_of_the_challenge() -> None:
    [editor] = workspace_pod(cpus=0.5, memory_mb=512)["spec"]["containers"]
    assert editor["resources"]["limits"]["cpu"] == "500m"
    assert editor["resources"]["limits"]["memory"] == "512Mi"
    assert editor["resources"]["requests"] == editor["resources"]["limits"]


def test_the_editor_has_what_other_engines_give_it() -> None:
    features = EditorFeatures(extensions=False)
    [editor] = workspace_pod(internet=False, features=features)["spec"]["containers"]
    assert {each["name"]: each["value"] for each in editor["env"]} == {
        "HOME": "/home/coder",
        "TMPDIR": "/home/coder/.tmp",
        "TAKEHOME_INTERNET": "off",
        "CODE_SERVER_COOKIE_SUFFIX": "takehome-1",
        "EXTENSIONS_GALLERY": "{}",
    }


def test_the_password_is_in_no_manifest() -> None:
    assert PASSWORD not in str(all_manifests())


def reaches(policy: Any, address: str) -> bool:
    """Whether the rules for outgoing connections allow one to the address."""
    return any(
        ip_address(address) in ip_network(block["cidr"])
        and not any(ip_address(address) in ip_network(each) for each in block["except"])
        for rule in policy["spec"]["egress"]
        for block in (each["ipBlock"] for each in rule["to"] if "ipBlock" in each)
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.1", True),
        ("169.254.169.254", False),  # the metadata of clouds
        ("10.96.0.1", False),
        ("172.20.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("203.0.113.7", False),
    ],
)
def test_the_policy_allows_public_addresses_alone(address: str, expected: bool) -> None:
    blocked = (*OPTIONS.blocked_networks, "203.0.113.0/24")
    options = replace(OPTIONS, blocked_networks=blocked)
    policy = manifests.network_policy(options, NAMES, internet=True)
    assert reaches(policy, address) is expected
    assert not reaches(manifests.network_policy(options, NAMES, internet=False), address)


def test_only_the_proxy_reaches_the_editor_and_nothing_else() -> None:
    policy = manifests.network_policy(OPTIONS, NAMES, internet=False)["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and policy["egress"] == []
    [rule] = policy["ingress"]
    namespace = {"kubernetes.io/metadata.name": "ingress"}
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": namespace}}]
    assert rule["ports"] == [{"protocol": "TCP", "port": 8080}]


def test_the_policy_is_for_all_pods_of_one_workspace() -> None:
    selected = manifests.network_policy(OPTIONS, NAMES, internet=True)["spec"]["podSelector"]
    for pod in all_manifests()[:3]:
        assert selected["matchLabels"].items() <= pod["metadata"]["labels"].items()
    other = Names("test-", "takehome-2").labels()
    assert not selected["matchLabels"].items() <= other.items()
    # The address leads to the editor's Pod, and not to those beside it.
    leads_to = manifests.service(NAMES)["spec"]["selector"]
    assert leads_to.items() <= workspace_pod()["metadata"]["labels"].items()
    assert not leads_to.items() <= pods.files_pod(OPTIONS, NAMES)["metadata"]["labels"].items()

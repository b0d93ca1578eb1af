"""A cluster for tests: an API server with the rights of deploy/kubernetes/rbac.yaml, and options of
a platform that uses it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from operations.provisioners.kubernetes.options import KubernetesOptions
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from takehome_platform.local_stack.config import ROOT
from tests.kubernetes.api_server import NAMESPACE, TOKEN, ApiServer, Right, serve
from tests.kubernetes.kubelet import Kubelet
from tests.kubernetes.store import Store

RBAC = ROOT / "deploy/kubernetes/rbac.yaml"
EDITOR_IMAGE, HELPER_IMAGE = "registry.example/code-server:1", "registry.example/platform:1"
EDITOR = [sys.executable, "-ISB", str(Path(__file__).with_name("editor.py"))]


def granted_rights() -> set[Right]:
    """What the Role of the manifest allows."""
    documents = yaml.safe_load_all(RBAC.read_text())
    return {
        (group, resource, verb)
        for document in documents
        if document["kind"] == "Role"
        for rule in document["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@dataclass(frozen=True)
class Cluster:
    server: ApiServer
    kubelet: Kubelet
    options: KubernetesOptions

    @property
    def store(self) -> Store:
        return self.server.store

    def engine(self, **changes: Any) -> KubernetesProvisioner:
        return KubernetesProvisioner(replace(self.options, **changes))


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    store = Store(NAMESPACE)
    kubelet = Kubelet(folder / "cluster", {EDITOR_IMAGE: EDITOR, HELPER_IMAGE: ()})
    kubelet.attach(store)
    with serve(ApiServer(store, kubelet, granted_rights())) as server:
        kubeconfig = folder / "kubeconfig"
        write_kubeconfig(kubeconfig, server.url)
        options = KubernetesOptions(
            namespace=NAMESPACE,
            image=EDITOR_IMAGE,
            helper_image=HELPER_IMAGE,
            url="https://{name}.workspaces.example.com/",
            proxy_namespace="ingress",
            kubeconfig=str(kubeconfig),
            platform="test-",
            ingress_class="nginx",
        )
        yield Cluster(server, kubelet, options)


def write_kubeconfig(path: Path, url: str, token: str = TOKEN) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "users": [{"name": "platform", "user": {"token": token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "platform"}}],
    }
    path.write_text(yaml.safe_dump(config))

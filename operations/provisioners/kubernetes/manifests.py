"""The parts of a workspace beside its Pod: its files, password, network and address."""

import base64
import json
from typing import Any

from operations.provisioners import editor_config
from operations.provisioners.base import WorkspaceSpec
from operations.provisioners.kubernetes.naming import Names
from operations.provisioners.kubernetes.options import Gateway, KubernetesOptions

# The port that the editor listens on.
EDITOR_PORT = 8080
CONFIG_KEY = "config.yaml"
ANYWHERE = "0.0.0.0/0"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
# Where DNS of a cluster is, as kubeadm and all known distributions have it.
DNS_NAMESPACE, DNS_LABELS = "kube-system", {"k8s-app": "kube-dns"}


def claim(options: KubernetesOptions, names: Names) -> dict[str, Any]:
    """The PersistentVolumeClaim of the candidate's home. It outlives the Pod."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": f"{int(options.disk_gb * 1024)}Mi"}},
    }
    if options.storage_class:
        spec["storageClassName"] = options.storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": names.metadata(),
        "spec": spec,
    }


def secret(names: Names, spec: WorkspaceSpec) -> dict[str, Any]:
    """The Secret with code-server's settings, which have only a hash of the password."""
    config = editor_config.code_server_config(f"0.0.0.0:{EDITOR_PORT}", spec.password)
    encoded = base64.b64encode(json.dumps(config, indent=1).encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": names.metadata(),
        "type": "Opaque",
        "data": {CONFIG_KEY: encoded},
    }


def network_policy(options: KubernetesOptions, names: Names, *, internet: bool) -> dict[str, Any]:
    """Who may connect to the workspace, and what it may connect to; for all Pods of it.

    Only the proxy reaches the editor. Only with internet is there anything that it reaches: DNS,
    and addresses that are neither private nor blocked.
    """
    outgoing: list[dict[str, Any]] = []
    if internet:
        outgoing = [
            {
                "to": [
                    {
                        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: DNS_NAMESPACE}},
                        "podSelector": {"matchLabels": DNS_LABELS},
                    }
                ],
                "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
            },
            {"to": [{"ipBlock": {"cidr": ANYWHERE, "except": list(options.blocked_networks)}}]},
        ]
    proxy = {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: options.proxy_namespace}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata(),
        "spec": {
            "podSelector": {"matchLabels": selector(names)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [proxy], "ports": [{"protocol": "TCP", "port": EDITOR_PORT}]}],
            "egress": outgoing,
        },
    }


def closed_policy(names: Names, owner: Any) -> dict[str, Any]:
    """Nothing is reached, and reaches it: for checks. It goes with the Pod that is its owner."""
    owned = {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": names.metadata() | {"ownerReferences": [owned]},
        "spec": {
            "podSelector": {"matchLabels": selector(names)},
            "policyTypes": ["Ingress", "Egress"],
        },
    }


def service(names: Names) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": names.metadata(),
        "spec": {
            "type": "ClusterIP",
            "selector": names.labels(),
            "ports": [
                {"name": "http", "protocol": "TCP", "port": EDITOR_PORT, "targetPort": EDITOR_PORT}
            ],
        },
    }


def ingress(options: KubernetesOptions, names: Names) -> dict[str, Any]:
    host = options.workspace_host(names.workspace)
    backend = {"service": {"name": names.base, "port": {"number": EDITOR_PORT}}}
    spec: dict[str, Any] = {
        "ingressClassName": options.ingress_class,
        "rules": [
            {
                "host": host,
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }
        ],
    }
    if options.tls_secret:
        spec["tls"] = [{"hosts": [host], "secretName": options.tls_secret}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": names.metadata(),
        "spec": spec,
    }


def http_route(options: KubernetesOptions, names: Names, gateway: Gateway) -> dict[str, Any]:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": names.metadata(),
        "spec": {
            "parentRefs": [{"namespace": gateway.namespace, "name": gateway.name}],
            "hostnames": [options.workspace_host(names.workspace)],
            "rules": [{"backendRefs": [{"name": names.base, "port": EDITOR_PORT}]}],
        },
    }


def selector(names: Names) -> dict[str, str]:
    """The labels of all parts of one workspace."""
    labels = names.labels()
    return {key: labels[key] for key in ("takehome.platform", names.label)}

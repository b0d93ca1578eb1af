"""The resources of a cluster in memory, with the rules of its API server for them.

Each is validated with the API's own schema (of `kubernetes-validate`), strictly: a field that the
API does not know is an error.
"""

import copy
import functools
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from jsonschema.validators import Draft202012Validator
from kubernetes_validate import utils
from referencing import Registry, Resource

from tests.kubernetes.pod_security import violations

VERSION = "1.37"
SCHEMAS = "kubernetes-json-schema/v1.37.0-local-strict"
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?")
DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
GROUPS = {
    "ingresses": "networking.k8s.io",
    "networkpolicies": "networking.k8s.io",
    "httproutes": "gateway.networking.k8s.io",
}
KINDS = {
    "pods": "Pod",
    "persistentvolumeclaims": "PersistentVolumeClaim",
    "secrets": "Secret",
    "services": "Service",
    "networkpolicies": "NetworkPolicy",
    "ingresses": "Ingress",
    "httproutes": "HTTPRoute",
}
# What goes some time after it is deleted.
KEPT = ("pods", "persistentvolumeclaims")
PVC_PROTECTION = "kubernetes.io/pvc-protection"


class StatusError(Exception):
    """An answer of the API that is a failure."""

    def __init__(
        self, status: int, reason: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, reason, message)
        self.status = status
        self.headers = headers or {}
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": status,
        }


@dataclass
class Store:
    """Holds its lock while it calls `on_change`, with the resource and what became of it."""

    namespace: str
    on_change: Callable[[str, Any], None] = lambda plural, resource: None
    quota_of_pods: int = 1000
    has_gateway_api: bool = True
    lock: Any = field(default_factory=threading.RLock)
    resources: dict[tuple[str, str], Any] = field(default_factory=dict)
    lists_expire: int = 0
    """How many more tokens of lists are refused as expired."""
    _version: int = 0

    def read(self, plural: str, name: str) -> Any:
        with self.lock:
            return copy.deepcopy(self._existing(plural, name))

    def find(self, plural: str, name: str) -> Any:
        """Return the resource or None."""
        with self.lock:
            return copy.deepcopy(self.resources.get((plural, name)))

    def create(self, plural: str, body: Any) -> Any:
        with self.lock:
            self._check(plural, body)
            name = body["metadata"]["name"]
            if (plural, name) in self.resources:
                raise StatusError(409, "AlreadyExists", f'{plural} "{name}" already exists')
            if plural == "pods" and self._count("pods") >= self.quota_of_pods:
                raise StatusError(
                    403,
                    "Forbidden",
                    f'pods "{name}" is forbidden: exceeded quota: workspaces, requested: pods=1, '
                    f"used: pods={self.quota_of_pods}, limited: pods={self.quota_of_pods}",
                )
            resource = copy.deepcopy(body)
            resource["metadata"] |= {
                "namespace": self.namespace,
                "uid": secrets.token_hex(16),
                "creationTimestamp": now(),
                "resourceVersion": self._next_version(),
            }
            if plural == "pods":
                resource["status"] = {"phase": "Pending"}
            if plural == "persistentvolumeclaims":
                resource["metadata"]["finalizers"] = [PVC_PROTECTION]
                resource["status"] = {"phase": "Pending"}
            self.resources[plural, name] = resource
            self.on_change(plural, resource)
            return copy.deepcopy(resource)

    def patch(self, plural: str, name: str, body: Any) -> Any:
        with self.lock:
            resource = self._existing(plural, name)
            merged = merge(resource, body)
            self._check(plural, {k: v for k, v in merged.items() if k != "status"})
            if plural == "pods" and without_annotations(merged) != without_annotations(resource):
                raise StatusError(422, "Invalid", f'Pod "{name}" is invalid: spec: Forbidden')
            merged["metadata"]["resourceVersion"] = self._next_version()
            self.resources[plural, name] = merged
            self.on_change(plural, merged)
            return copy.deepcopy(merged)

    def delete(self, plural: str, name: str, options: Any) -> Any:
        with self.lock:
            resource = self._existing(plural, name)
            uid = ((options or {}).get("preconditions") or {}).get("uid")
            if uid and uid != resource["metadata"]["uid"]:
                raise StatusError(409, "Conflict", "the UID in the precondition does not match")
            resource["metadata"].setdefault("deletionTimestamp", now())
            if plural in KEPT:
                # The kubelet ends its programs first, and a volume in use stays.
                self.on_change(plural, resource)
            if plural not in KEPT or (plural == "pods" and "nodeName" not in resource["spec"]):
                self.remove(plural, name)
            return copy.deepcopy(resource)

    def remove(self, plural: str, name: str) -> None:
        with self.lock:
            self.resources.pop((plural, name), None)

    def set_status(self, name: str, uid: str, status: Any) -> None:
        """Write the status of a Pod, if it is still there."""
        with self.lock:
            pod = self.resources.get(("pods", name))
            if pod is not None and pod["metadata"]["uid"] == uid:
                pod["status"] = status
                pod["metadata"]["resourceVersion"] = self._next_version()

    def list_page(self, plural: str, selector: str, limit: int, token: str) -> Any:
        with self.lock:
            if token and self.lists_expire:
                self.lists_expire -= 1
                raise StatusError(410, "Expired", "The provided continue parameter is too old")
            found = [
                copy.deepcopy(resource)
                for (kind, name), resource in sorted(self.resources.items(), key=itemgetter(0))
                if kind == plural and name > token and matches(resource, selector)
            ]
            page = found[:limit] if limit else found
            metadata = {"resourceVersion": str(self._version)}
            if len(page) < len(found):
                metadata["continue"] = page[-1]["metadata"]["name"]
            # The items of a list have neither `kind` nor `apiVersion`.
            for each in page:
                each.pop("kind"), each.pop("apiVersion")
            return {"kind": f"{KINDS[plural]}List", "metadata": metadata, "items": page}

    def _existing(self, plural: str, name: str) -> Any:
        if plural == "httproutes" and not self.has_gateway_api:
            raise StatusError(404, "", "404 page not found")
        if (plural, name) not in self.resources:
            raise StatusError(404, "NotFound", f'{plural} "{name}" not found')
        return self.resources[plural, name]

    def _check(self, plural: str, body: Any) -> None:
        if plural == "httproutes" and not self.has_gateway_api:
            raise StatusError(404, "", "404 page not found")
        name = body["metadata"]["name"]
        if len(name) > 63 or not DNS_LABEL.fullmatch(name):
            raise StatusError(422, "Invalid", f"metadata.name: Invalid value: {name!r}")
        for key, value in (body["metadata"].get("labels") or {}).items():
            if not LABEL_VALUE.fullmatch(value):
                raise StatusError(422, "Invalid", f"metadata.labels: {key}: {value!r}")
        if plural != "httproutes":
            errors = sorted(validator(body["apiVersion"], body["kind"]).iter_errors(body), key=str)
            if errors:
                raise StatusError(422, "Invalid", errors[0].message)
        if plural == "pods" and (found := violations(body)):
            raise StatusError(
                403, "Forbidden", f"violates PodSecurity restricted:latest: {', '.join(found)}"
            )

    def _count(self, plural: str) -> int:
        return sum(kind == plural for kind, _ in self.resources)

    def _next_version(self) -> str:
        self._version += 1
        return str(self._version)


@functools.cache
def validator(api_version: str, kind: str) -> Any:
    """The API's own schema of a kind, in which an unknown field is an error."""
    group, slash, version = api_version.rpartition("/")
    prefix = f"{group.partition('.')[0]}-" if slash else ""
    schema = utils.schema_contents(f"{SCHEMAS}/{kind.lower()}-{prefix}{version}.json", VERSION)
    definitions = utils.schema_contents(f"{SCHEMAS}/_definitions.json", VERSION)
    registry = Resource.from_contents(definitions) @ (Resource.from_contents(schema) @ Registry())
    return Draft202012Validator(schema, registry=registry)


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def without_annotations(pod: Any) -> Any:
    return {**pod, "metadata": {**pod["metadata"], "annotations": None}}


def matches(resource: Any, selector: str) -> bool:
    """Whether the labels are those of a selector such as `a=b,c`."""
    labels = resource["metadata"].get("labels") or {}
    for each in filter(None, selector.split(",")):
        key, equals, value = each.partition("=")
        if key not in labels or (equals and labels[key] != value):
            return False
    return True


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

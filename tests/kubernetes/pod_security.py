"""The Pod Security standard `restricted`, as far as it concerns Pods on Linux.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Iterator
from typing import Any

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP = {"RuntimeDefault", "Localhost"}


def violations(pod: Any) -> list[str]:
    """Return what of a Pod the standard does not allow."""
    return list(_of_pod(pod["spec"])) + [
        f"{container['name']}: {violation}"
        for kind in ("initContainers", "containers")
        for container in pod["spec"].get(kind) or ()
        for violation in _of_container(container, pod["spec"].get("securityContext") or {})
    ]


def _of_pod(spec: Any) -> Iterator[str]:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield name
    for volume in spec.get("volumes") or ():
        if not set(volume) - {"name"} <= VOLUMES:
            yield f"volume {volume['name']}"
    if (spec.get("securityContext") or {}).get("sysctls"):
        yield "sysctls"


def _of_container(container: Any, of_pod: Any) -> Iterator[str]:
    own = container.get("securityContext") or {}
    context = {**of_pod, **own}
    if context.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation != false"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "unrestricted capabilities"
    if set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}:
        yield "added capabilities"
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot != true"
    if context.get("runAsUser") == 0:
        yield "runAsUser=0"
    if (context.get("seccompProfile") or {}).get("type") not in SECCOMP:
        yield "seccompProfile"
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            yield "hostPort"

"""The Pods of a workspace, all of which meet the Pod Security standard `restricted`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from operations.provisioners import editor_config
from operations.provisioners.base import WorkspaceSpec
from operations.provisioners.kubernetes.manifests import CONFIG_KEY, EDITOR_PORT
from operations.provisioners.kubernetes.naming import ENDS_AT_ANNOTATION, Names
from operations.provisioners.kubernetes.options import KubernetesOptions

EDITOR, SIDECAR, PREPARE, HELPER = "editor", "sidecar", "prepare", "helper"
PLACE_PART, FILES_PART = "place", "files"
HEALTH_PATH = "/healthz"
PROJECT_FOLDER = "project"
TMP_FOLDER = ".tmp"
# The sidecar answers here whether the editor may go on.
SIDECAR_PORT = 8081
# Of helpers: where the editor of their Pod listens.
EDITOR_PORT_VARIABLE = "EDITOR_PORT"
STOP_SECONDS = 5
# With 0 the API forgets a Pod before its machine has ended it.
HELPER_STOP_SECONDS = 1
# How long the sidecar may not answer, or say no, until the kubelet ends the editor.
LIVENESS_PERIOD_SECONDS, LIVENESS_FAILURES = 10, 6

PROGRAMS = Path(__file__).with_name("programs")
CONFIG_MOUNT, DEADLINE_MOUNT = "/takehome/config", "/takehome/deadline"
DEADLINE_FILE = "ends-at"
# /tmp and the like: what is on them counts as the container's ephemeral storage.
TEMPORARY_MOUNTS = {"tmp": "/tmp", "run": "/run", "var-tmp": "/var/tmp"}  # noqa: S108
TEMPORARY_MB = 256
MAX_EPHEMERAL_MB = 1024
HELPER_LIMITS = {"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "512Mi"}
HELPER_REQUESTS = {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "32Mi"}
# Of the files Pod, which holds a whole archive.
PACKED_MB = 200
# Whatever happens to its worker, such a Pod is gone by then.
FILES_POD_SECONDS = 3600


def workspace_pod(
    options: KubernetesOptions,
    names: Names,
    spec: WorkspaceSpec,
    *,
    stops_at: datetime,
    password_check: str,
    preferred_node: str = "",
) -> dict[str, Any]:
    """The Pod of the editor. Its init container ends when the volume has the files.

    Its programs are not started again when they end: the platform decides about that.
    """
    limits = resource_limits(options, spec.cpus, spec.memory_mb)
    pod = bare_pod(
        options,
        names.metadata(
            ends_at=str(int(stops_at.timestamp())),
            password_check=password_check,
        ),
        volumes=[
            _claim_volume(names),
            {"name": "config", "secret": {"secretName": names.base, "defaultMode": 0o440}},
            _deadline_volume(),
        ],
    )
    home_mount = {"name": "home", "mountPath": options.home}
    pod["spec"] |= {
        "hostname": "workspace",
        "initContainers": [
            # Before the editor, so that no program of the candidate has its port.
            helper(
                options,
                SIDECAR,
                [
                    *python_command("sidecar"),
                    str(SIDECAR_PORT),
                    f"{DEADLINE_MOUNT}/{DEADLINE_FILE}",
                ],
                mounts=[
                    home_mount | {"readOnly": True},
                    {"name": "deadline", "mountPath": DEADLINE_MOUNT, "readOnly": True},
                ],
            )
            | {"restartPolicy": "Always"},
            helper(
                options,
                PREPARE,
                [*python_command("prepare"), options.home, f"{CONFIG_MOUNT}/{CONFIG_KEY}"],
                mounts=[
                    home_mount,
                    {"name": "config", "mountPath": CONFIG_MOUNT, "readOnly": True},
                ],
            ),
        ],
        "containers": [
            {
                "name": EDITOR,
                "image": options.image,
                "workingDir": f"{options.home}/{PROJECT_FOLDER}",
                "env": env_list(_editor_env(options, names, spec)),
                "ports": [{"name": "http", "containerPort": EDITOR_PORT, "protocol": "TCP"}],
                "resources": {"requests": limits, "limits": limits},
                "securityContext": CONTAINER_SECURITY,
                "volumeMounts": [home_mount, *temporary_mounts()],
                "readinessProbe": {
                    "httpGet": {"path": HEALTH_PATH, "port": EDITOR_PORT},
                    "periodSeconds": 2,
                    "timeoutSeconds": 8,
                    "failureThreshold": 2,
                },
                "livenessProbe": {
                    "httpGet": {"path": "/", "port": SIDECAR_PORT},
                    "periodSeconds": LIVENESS_PERIOD_SECONDS,
                    "timeoutSeconds": 5,
                    "failureThreshold": LIVENESS_FAILURES,
                },
            }
        ],
    }
    if preferred_node:
        pod["spec"]["affinity"] = _preference(preferred_node)
    return pod


def place_pod(
    options: KubernetesOptions, names: Names, cpus: float | None, memory_mb: int | None
) -> dict[str, Any]:
    """A Pod that does nothing but hold what the workspace will need."""
    limits = resource_limits(options, cpus, memory_mb)
    pod = bare_pod(options, names.metadata(names.place, PLACE_PART))
    wait = helper(options, HELPER, ["sleep", "infinity"])
    pod["spec"]["containers"] = [wait | {"resources": {"requests": limits, "limits": limits}}]
    pod["spec"]["terminationGracePeriodSeconds"] = HELPER_STOP_SECONDS
    pod["spec"]["activeDeadlineSeconds"] = FILES_POD_SECONDS
    return pod


def files_pod(options: KubernetesOptions, names: Names) -> dict[str, Any]:
    """A Pod with the volume of a workspace that does not run."""
    pod = bare_pod(
        options,
        names.metadata(names.files, FILES_PART),
        volumes=[_claim_volume(names, read_only=True)],
    )
    wait = helper(
        options,
        HELPER,
        ["sleep", "infinity"],
        mounts=[{"name": "home", "mountPath": options.home, "readOnly": True}],
    )
    wait["resources"] = {
        "requests": HELPER_REQUESTS | {"ephemeral-storage": f"{PACKED_MB}Mi"},
        "limits": HELPER_LIMITS,
    }
    pod["spec"]["containers"] = [wait]
    pod["spec"]["terminationGracePeriodSeconds"] = HELPER_STOP_SECONDS
    pod["spec"]["activeDeadlineSeconds"] = FILES_POD_SECONDS
    return pod


CONTAINER_SECURITY: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def bare_pod(
    options: KubernetesOptions, metadata: dict[str, Any], *, volumes: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": STOP_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": options.user,
            "runAsGroup": options.user,
            # The volume is this group's, so that its user may write there.
            "fsGroup": options.user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumes": [*volumes, *temporary_volumes()],
    }
    if options.node_labels:
        spec["nodeSelector"] = dict(options.node_labels)
    if options.runtime_class:
        spec["runtimeClassName"] = options.runtime_class
    if options.pull_secret:
        spec["imagePullSecrets"] = [{"name": options.pull_secret}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def helper(
    options: KubernetesOptions,
    name: str,
    command: Sequence[str],
    *,
    mounts: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """A container of the platform's own image."""
    return {
        "name": name,
        "image": options.helper_image,
        "command": list(command),
        "workingDir": "/",
        "env": env_list(
            {
                "HOME": options.home,
                "TMPDIR": TEMPORARY_MOUNTS["tmp"],
                EDITOR_PORT_VARIABLE: str(EDITOR_PORT),
            }
        ),
        "resources": {"requests": HELPER_REQUESTS, "limits": HELPER_LIMITS},
        "securityContext": CONTAINER_SECURITY,
        "volumeMounts": [*mounts, *temporary_mounts()],
    }


def python_command(program: str) -> list[str]:
    return ["python3", "-I", "-c", (PROGRAMS / f"{program}.py").read_text()]


def _editor_env(options: KubernetesOptions, names: Names, spec: WorkspaceSpec) -> dict[str, str]:
    return (
        {
            "HOME": options.home,
            "TMPDIR": f"{options.home}/{TMP_FOLDER}",
            "TAKEHOME_INTERNET": "on" if options.internet and spec.internet else "off",
        }
        | editor_config.cookie_suffix(names.workspace)
        | editor_config.gallery(spec.features)
    )


def env_list(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def resource_limits(
    options: KubernetesOptions, cpus: float | None, memory_mb: int | None
) -> dict[str, str]:
    """What a workspace may use, all of which is reserved: the same as on a swarm."""
    return {
        "cpu": f"{round((cpus or options.cpus) * 1000)}m",
        "memory": f"{memory_mb or options.memory_mb}Mi",
        "ephemeral-storage": f"{MAX_EPHEMERAL_MB}Mi",
    }


def _claim_volume(names: Names, *, read_only: bool = False) -> dict[str, Any]:
    source: dict[str, Any] = {"claimName": names.base}
    if read_only:
        source["readOnly"] = True
    return {"name": "home", "persistentVolumeClaim": source}


def _deadline_volume() -> dict[str, Any]:
    """A file that the kubelet writes anew within about a minute after the annotation changed."""
    field = f"metadata.annotations['{ENDS_AT_ANNOTATION}']"
    items = [{"path": DEADLINE_FILE, "fieldRef": {"fieldPath": field}}]
    return {"name": "deadline", "downwardAPI": {"defaultMode": 0o444, "items": items}}


def temporary_volumes() -> list[dict[str, Any]]:
    size = {"sizeLimit": f"{TEMPORARY_MB}Mi"}
    return [{"name": name, "emptyDir": size} for name in TEMPORARY_MOUNTS]


def temporary_mounts() -> list[dict[str, Any]]:
    return [{"name": name, "mountPath": path} for name, path in TEMPORARY_MOUNTS.items()]


def _preference(node: str) -> dict[str, Any]:
    """Prefer the machine on which the place was: the room there was given up just now."""
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    term = {"weight": 100, "preference": {"matchFields": fields}}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}}

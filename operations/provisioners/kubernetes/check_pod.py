"""The Pod of an automated check: the command beside a helper that brings files in and out."""

from typing import Any

from operations.provisioners.checks.base import CheckJob
from operations.provisioners.kubernetes import pods
from operations.provisioners.kubernetes.naming import CheckNames
from operations.provisioners.kubernetes.options import KubernetesOptions

CHECK = "check"
# Enough for an archive of 1 GB with what the command makes of it.
MAX_DISK_MB = 2_048
# A Pod of a killed worker ends by itself so long after its command should have.
ALLOWANCE_SECONDS = 600


def check_pod(
    options: KubernetesOptions, names: CheckNames, job: CheckJob, report: str
) -> dict[str, Any]:
    """The command starts once its files are there. `report` is the path in $CHECK_REPORT."""
    limits = pods.resource_limits(options, None, job.memory_mb)
    pod = pods.bare_pod(
        options,
        names.metadata(part=CHECK),
        volumes=[{"name": "home", "emptyDir": {"sizeLimit": f"{disk_mb(options)}Mi"}}],
    )
    mount = {"name": "home", "mountPath": options.home}
    wait = [*pods.python_command("prepare"), options.home]
    pod["spec"] |= {
        "terminationGracePeriodSeconds": pods.HELPER_STOP_SECONDS,
        "activeDeadlineSeconds": int(job.seconds) + ALLOWANCE_SECONDS,
        "initContainers": [pods.helper(options, pods.PREPARE, wait, mounts=[mount])],
        "containers": [
            {
                "name": CHECK,
                "image": options.image,
                "command": ["sh", "-c", job.command],
                "workingDir": f"{options.home}/{pods.PROJECT_FOLDER}",
                "env": pods.env_list(
                    {
                        "HOME": options.home,
                        "TMPDIR": f"{options.home}/{pods.TMP_FOLDER}",
                        "LANG": "C.UTF-8",
                        "CHECK_REPORT": report,
                    }
                ),
                "resources": {
                    "requests": limits | {"ephemeral-storage": f"{disk_mb(options)}Mi"},
                    "limits": limits
                    | {"ephemeral-storage": f"{disk_mb(options) + pods.MAX_EPHEMERAL_MB}Mi"},
                },
                "securityContext": pods.CONTAINER_SECURITY,
                "volumeMounts": [mount, *pods.temporary_mounts()],
            },
            # It has the report when the command has ended.
            pods.helper(
                options,
                pods.HELPER,
                ["sleep", "infinity"],
                mounts=[mount | {"readOnly": True}],
            ),
        ],
    }
    return pod


def disk_mb(options: KubernetesOptions) -> int:
    return min(int(options.disk_gb * 1024), MAX_DISK_MB)

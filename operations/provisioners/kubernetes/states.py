"""What the API says of a Pod, and sentences for staff about what keeps it from running."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.provisioners.base import MachineDownError
from operations.provisioners.kubernetes.errors import shorten
from operations.provisioners.kubernetes.naming import parse_time
from operations.provisioners.kubernetes.options import KubernetesOptions
from operations.provisioners.kubernetes.pods import EDITOR

# A clause of the scheduler, and ours; it counts machines.
CLAUSES = (
    (re.compile(r"(\d+) Insufficient cpu"), "too few free processors on {machines}"),
    (re.compile(r"(\d+) Insufficient memory"), "too little free memory on {machines}"),
    (re.compile(r"(\d+) Insufficient ephemeral-storage"), "too little free disk on {machines}"),
    (re.compile(r"(\d+) Too many pods"), "too many Pods on {machines}"),
    (
        re.compile(r"(\d+) node\(s\) didn't match Pod's node affinity/selector"),
        "KUBERNETES_NODE_SELECTOR rules out {machines}",
    ),
    (re.compile(r"(\d+) node\(s\) were unschedulable"), "{machines} cordoned"),
    (
        re.compile(r"(\d+) node\(s\) had untolerated taint\(?s?\)? ?\{node\.kubernetes\.io/[nu]"),
        "{machines} down",
    ),
    (re.compile(r"(\d+) node\(s\) had untolerated taint"), "{machines} kept for others by a taint"),
    (
        re.compile(r"(\d+) node\(s\) had volume node affinity conflict"),
        "the disk with the files isn't on {machines}",
    ),
    (re.compile(r"(\d+) node\(s\) exceed max volume count"), "too many disks on {machines}"),
)
# What the scheduler says if it is not for want of room.
NO_DISK = re.compile(
    r"unbound immediate PersistentVolumeClaims|did not find available persistent volumes"
    r"|persistentvolumeclaim .* not found|storageclass.* not found"
)
IMAGE_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull"})
# So long after the cluster has missed a machine, it counts as lost.
LOST_AFTER = timedelta(minutes=1)
# So long after its time a Pod that is to go may still be there, as its machine was busy.
REMOVAL_TOLERANCE = timedelta(seconds=30)
# Of a waiting container, and no fault.
MAKING = frozenset({"ContainerCreating", "PodInitializing", ""})


def uid(pod: Any) -> str:
    return str(pod["metadata"]["uid"])


def is_terminating(resource: Any) -> bool:
    return "deletionTimestamp" in resource["metadata"]


def is_over(pod: Any) -> bool:
    """Whether all its programs have ended, or its editor has."""
    if phase_of(pod) in ("Succeeded", "Failed"):
        return True
    return "terminated" in container_state(pod, EDITOR)


def phase_of(pod: Any) -> str:
    return str((pod.get("status") or {}).get("phase") or "Pending")


def is_running(pod: Any) -> bool:
    """Whether the editor was started and has not ended."""
    return (
        not is_terminating(pod) and not is_over(pod) and "running" in container_state(pod, EDITOR)
    )


def is_ready(pod: Any) -> bool:
    return is_running(pod) and condition(pod, "Ready").get("status") == "True"


def is_machine_down(pod: Any) -> bool:
    """Whether the cluster hears nothing of the Pod's machine.

    Who may not read machines sees it in the Pod: the control plane says that it is not ready, but
    its containers, of which only the machine knows, were ready last. A Pod that is to go, whoever
    wants that, goes once its machine has ended it: soon after its time is over, if there is one.
    """
    if is_terminating(pod):
        return datetime.now(UTC) > _to_be_gone_at(pod) + REMOVAL_TOLERANCE
    is_not_ready = condition(pod, "Ready").get("status") in ("False", "Unknown")
    return is_not_ready and condition(pod, "ContainersReady").get("status") == "True"


def machine_down_sentence(pod: Any) -> str:
    return f"The machine {node_of(pod)} doesn't answer."


def check_machine(pod: Any, step: str) -> None:
    """Check that the cluster hears of the Pod's machine.

    Raises:
        MachineDownError: if it does not.
    """
    if is_machine_down(pod):
        ready = condition(pod, "Ready")
        if ready.get("status") in ("False", "Unknown") and "lastTransitionTime" in ready:
            since = parse_time(ready["lastTransitionTime"])
        else:
            # It was never missed, only asked in vain to end the Pod.
            since = _to_be_gone_at(pod)
        raise MachineDownError(step, machine_down_sentence(pod), lost_at=since + LOST_AFTER)


def _to_be_gone_at(pod: Any) -> datetime:
    """Return when a Pod that is to go should be gone: the API adds the time that it has for it."""
    return parse_time(pod["metadata"]["deletionTimestamp"])


def condition(pod: Any, kind: str) -> dict[str, Any]:
    for each in (pod.get("status") or {}).get("conditions") or ():
        if each["type"] == kind:
            return dict(each)
    return {}


def container_state(pod: Any, name: str) -> dict[str, Any]:
    """Return the `waiting`, `running` or `terminated` of a container; nothing if unknown."""
    status = pod.get("status") or {}
    for each in (status.get("initContainerStatuses") or []) + (
        status.get("containerStatuses") or []
    ):
        if each["name"] == name:
            return dict(each.get("state") or {})
    return {}


def node_of(pod: Any) -> str:
    return str(pod["spec"].get("nodeName") or "")


def is_unschedulable(pod: Any) -> bool:
    scheduled = condition(pod, "PodScheduled")
    return scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable"


def has_no_disk(pod: Any) -> bool:
    """Whether it waits for its volume, and not for room."""
    return bool(NO_DISK.search(str(condition(pod, "PodScheduled").get("message", ""))))


def why_unschedulable(pod: Any) -> str:
    """Return the sentence for a Pod that no machine of the cluster can take now."""
    message = str(condition(pod, "PodScheduled").get("message", ""))
    if has_no_disk(pod):
        return (
            "The cluster makes no disk for the workspace (KUBERNETES_STORAGE_CLASS): "
            f"{shorten(message)}."
        )
    found = []
    rest = message
    for pattern, text in CLAUSES:
        for match in pattern.finditer(rest):
            number = int(match[1])
            machines = "1 machine" if number == 1 else f"{number} machines"
            found.append(text.format(machines=machines))
        rest = pattern.sub("", rest)
    return f"No machine is free: {', '.join(found)}." if found else "No machine is free."


def waiting_problem(pod: Any, options: KubernetesOptions) -> str | None:
    """Return why a container cannot be started, if that will hardly change by itself."""
    status = pod.get("status") or {}
    for each in [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]:
        waiting = (each.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason") or ""
        if reason in MAKING:
            continue
        message = shorten(str(waiting.get("message") or reason))
        image = each.get("image") or options.image
        setting = "KUBERNETES_IMAGE" if each["name"] == EDITOR else "KUBERNETES_HELPER_IMAGE"
        if reason in IMAGE_REASONS:
            return f"The image {image} ({setting}) can't be pulled: {message}."
        if reason == "InvalidImageName":
            return f"{setting} isn't the name of an image: {image}."
        if reason == "CrashLoopBackOff":
            return f"The container {each['name']} ends again and again: {message}."
        return f"The container {each['name']} can't be started: {message}."
    return None


def why_not_ready(pod: Any, options: KubernetesOptions) -> str | None:
    """Return why a workspace with this Pod does not answer; None if it may do so any moment."""
    if is_machine_down(pod):
        return machine_down_sentence(pod)
    if is_terminating(pod):
        return "The workspace's Pod is being removed."
    if is_over(pod):
        return f"The workspace stopped ({why_over(pod)})."
    if is_unschedulable(pod):
        return why_unschedulable(pod)
    if problem := waiting_problem(pod, options):
        return problem
    if not is_running(pod):
        return "The workspace's containers are being made."
    return None


def why_over(pod: Any) -> str:
    """Return in a few words why a Pod's programs ended."""
    status = pod.get("status") or {}
    if status.get("reason") == "Evicted":
        return f"the machine evicted it: {shorten(str(status.get('message') or 'Evicted'))}"
    if status.get("reason") == "NodeLost":
        return "its machine is gone"
    if status.get("reason"):
        return shorten(f"{status['reason']}: {status.get('message') or ''}".rstrip(": "))
    ended = container_state(pod, EDITOR).get("terminated") or {}
    if ended.get("reason") == "OOMKilled":
        return "it used more memory than allowed"
    return f"exit code {ended.get('exitCode', 'unknown')}"

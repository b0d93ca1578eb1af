"""Wait for what the cluster does by itself: it starts Pods, and removes them."""

import time
from collections.abc import Callable
from typing import Any

from operations.provisioners.base import NoRoomError, ProvisionError
from operations.provisioners.kubernetes import states
from operations.provisioners.kubernetes.api import Api, Kind
from operations.provisioners.kubernetes.naming import Names
from operations.provisioners.kubernetes.options import KubernetesOptions

# So long no machine may be found, in case one is about to have room or is added.
ROOM_SECONDS = 12.0
# So long the cluster may take to make a disk.
DISK_SECONDS = 120.0
# So long a problem with an image may last: the cluster tries again by itself.
PROBLEM_SECONDS = 20.0
# So long a container may take to be started otherwise: its image may be large.
START_SECONDS = 300.0
# So long a Pod or a claim may take to go. A Pod on a machine that does not answer stays.
REMOVAL_SECONDS = 60.0
FIRST_POLL_SECONDS, MAX_POLL_SECONDS = 0.05, 1.0


def await_container(
    api: Api,
    options: KubernetesOptions,
    name: str,
    container: str,
    step: str,
    *,
    may_fail: bool = False,
) -> bool:
    """Wait until the container of a Pod runs; return False if it has ended well already, or in
    whatever way if it `may_fail`.

    Raises:
        NoRoomError: if no machine of the cluster takes the Pod, which is removed then.
        ProvisionError: if it does not start.
    """
    began = time.monotonic()
    problem_since: float | None = None
    for _ in _polls():
        pod = api.read(Kind.POD, name)
        if pod is None or states.is_terminating(pod):
            raise ProvisionError(step, "Someone else removed the workspace's Pod just now.")
        state = states.container_state(pod, container)
        if "running" in state:
            return True
        if "terminated" in state and (may_fail or state["terminated"].get("exitCode") == 0):
            return False
        if "terminated" in state or states.is_over(pod):
            raise ProvisionError(step, f"The workspace's Pod ended: {_why(pod, state)}.")
        waited = time.monotonic() - began
        _check_room(api, pod, waited, step)
        problem = states.waiting_problem(pod, options)
        problem_since = (problem_since or time.monotonic()) if problem else None
        if problem and problem_since and time.monotonic() - problem_since > PROBLEM_SECONDS:
            raise ProvisionError(step, problem)
        if waited > START_SECONDS:
            seconds = f"within {START_SECONDS:.0f} seconds"
            raise ProvisionError(step, f"The workspace's Pod wasn't started {seconds}.")
    raise AssertionError


def _check_room(api: Api, pod: Any, waited: float, step: str) -> None:
    if not states.is_unschedulable(pod):
        return
    needs_disk = states.has_no_disk(pod)
    if waited < (DISK_SECONDS if needs_disk else ROOM_SECONDS):
        return
    # Otherwise it would be started later, even if nobody waits for it any more.
    api.delete(Kind.POD, pod["metadata"]["name"], uid=states.uid(pod))
    kind = ProvisionError if needs_disk else NoRoomError
    raise kind(step, states.why_unschedulable(pod))


def _why(pod: Any, state: dict[str, Any]) -> str:
    ended = state.get("terminated")
    if ended is None:
        return states.why_over(pod)
    message = str(ended.get("message") or ended.get("reason") or "").strip()
    return f"exit code {ended.get('exitCode')} {message}".strip()


def await_schedule(api: Api, name: str, step: str) -> None:
    """Wait until the scheduler has chosen a machine for the Pod.

    Raises:
        NoRoomError: if there is none.
        ProvisionError: if it does not decide.
    """
    began = time.monotonic()
    for _ in _polls():
        pod = api.read(Kind.POD, name)
        if pod is None or states.is_terminating(pod):
            raise ProvisionError(step, "Someone else removed the workspace's place just now.")
        if states.node_of(pod):
            return
        waited = time.monotonic() - began
        _check_room(api, pod, waited, step)
        if waited > DISK_SECONDS:
            raise ProvisionError(step, "The cluster's scheduler doesn't choose a machine.")


def await_condition(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition held within so many seconds."""
    deadline = time.monotonic() + seconds
    return next((True for _ in _polls(deadline) if condition()), False)


def remove_pod(api: Api, names: Names, name: str, step: str) -> bool:
    """Remove a Pod and wait until its programs have ended; return False if there is none.

    Raises:
        MachineDownError: if its machine does not answer.
        ProvisionError: if that is not known after a while.
    """
    pod = api.read(Kind.POD, name)
    if pod is None:
        return False
    names.check_ownership(pod, step)
    api.delete(Kind.POD, name, uid=states.uid(pod))
    # It is removed when the machine is back.
    states.check_machine(pod, step)
    await_removal(api, Kind.POD, pod, step)
    return True


def await_removal(api: Api, kind: Kind, resource: Any, step: str) -> None:
    """Wait until this very resource is gone.

    Raises:
        ProvisionError: if it is not after a while.
    """
    name, uid = resource["metadata"]["name"], states.uid(resource)

    def is_gone() -> bool:
        found = api.read(kind, name)
        return found is None or states.uid(found) != uid

    if await_condition(is_gone, REMOVAL_SECONDS):
        return
    if kind is Kind.POD and (node := states.node_of(resource)):
        raise ProvisionError(
            step,
            f"The machine {node} doesn't end the Pod {name}, so nobody knows whether its programs "
            f"still run. If the machine is gone for good: kubectl delete node {node}",
        )
    raise ProvisionError(step, f"The cluster doesn't remove {name}.")


def _polls(deadline: float = float("inf")) -> "Polls":
    return Polls(deadline)


class Polls:
    """Numbers, with a pause before each but the first that grows; until the deadline, if any."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._pause = 0.0

    def __iter__(self) -> "Polls":
        return self

    def __next__(self) -> float:
        if self._pause and time.monotonic() + self._pause > self._deadline:
            raise StopIteration
        time.sleep(self._pause)
        self._pause = min(max(self._pause * 1.5, FIRST_POLL_SECONDS), MAX_POLL_SECONDS)
        return self._pause

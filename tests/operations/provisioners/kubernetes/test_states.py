"""Sentences about Pods that no simulated machine says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.provisioners.base import MachineDownError
from operations.provisioners.kubernetes import states
from operations.provisioners.kubernetes.errors import shorten
from tests.operations.provisioners.kubernetes.test_manifests import OPTIONS


def pending(message: str) -> Any:
    scheduled = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": message,
    }
    return {"metadata": {}, "status": {"phase": "Pending", "conditions": [scheduled]}}


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "0/5 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready"
            ": }, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 "
            "Insufficient memory. preemption: 0/5 nodes are available: 2 Preemption is not helpful "
            "for scheduling, 3 No preemption victims found for incoming pod.",
            "No machine is free: too little free memory on 3 machines, 1 machine down, 1 machine "
            "kept for others by a taint.",
        ),
        (
            "0/2 nodes are available: 1 Too many pods, 2 Insufficient cpu.",
            "No machine is free: too few free processors on 2 machines, too many Pods on 1 "
            "machine.",
        ),
        (
            "0/2 nodes are available: 2 node(s) had volume node affinity conflict.",
            "No machine is free: the disk with the files isn't on 2 machines.",
        ),
        ("no nodes available to schedule pods", "No machine is free."),
        (
            '0/1 nodes are available: persistentvolumeclaim "x" not found.',
            "The cluster makes no disk for the workspace (KUBERNETES_STORAGE_CLASS): 0/1 nodes are "
            'available: persistentvolumeclaim "x" not found.',
        ),
    ],
)
def test_words_of_the_scheduler_become_a_sentence(message: str, sentence: str) -> None:
    assert states.why_unschedulable(pending(message)) == sentence


def waiting(reason: str, message: str = "") -> Any:
    state = {"waiting": {"reason": reason, "message": message}}
    statuses = [{"name": "editor", "image": OPTIONS.image, "state": state}]
    return {"metadata": {}, "status": {"phase": "Pending", "containerStatuses": statuses}}


@pytest.mark.parametrize(
    ("pod", "sentence"),
    [
        (
            waiting("CrashLoopBackOff", "back-off 5m0s"),
            "The container editor ends again and again: back-off 5m0s.",
        ),
        (
            waiting("CreateContainerConfigError", 'secret "x" not found'),
            'The container editor can\'t be started: secret "x" not found.',
        ),
        (waiting("ContainerCreating"), "The workspace's containers are being made."),
        (
            {"metadata": {"deletionTimestamp": "2999-11-30T12:00:00Z"}, "status": {}},
            "The workspace's Pod is being removed.",
        ),
        (
            {"metadata": {}, "status": {"phase": "Failed", "reason": "NodeLost"}},
            "The workspace stopped (its machine is gone).",
        ),
        (
            {"metadata": {}, "status": {"phase": "Failed", "reason": "DeadlineExceeded"}},
            "The workspace stopped (DeadlineExceeded).",
        ),
    ],
)
def test_why_a_pod_does_not_answer_is_a_sentence(pod: Any, sentence: str) -> None:
    assert states.why_not_ready(pod, OPTIONS) == sentence


def going(seconds_ago: int, **ready: str) -> Any:
    """Return a Pod whose time to end was over so long ago, with a condition."""
    over_at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    drained = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
    return {
        "metadata": {"deletionTimestamp": f"{over_at:%Y-%m-%dT%H:%M:%SZ}"},
        "spec": {"nodeName": "node-1"},
        "status": {"conditions": [drained, {"type": "Ready", **ready}]},
    }


def test_a_pod_that_a_healthy_machine_is_ending_is_not_on_one_that_is_down() -> None:
    states.check_machine(going(-5, status="True"), "save")
    states.check_machine(going(20, status="True"), "save")


def test_a_machine_that_does_not_end_its_pod_is_down_since_then() -> None:
    # It became ready long before: that says nothing.
    pod = going(40, status="True", lastTransitionTime="2026-01-01T00:00:00Z")
    with pytest.raises(MachineDownError) as caught:
        states.check_machine(pod, "save")
    assert caught.value.lost_at is not None
    assert caught.value.lost_at > datetime.now(UTC)
    missed = going(40, status="Unknown", lastTransitionTime="2026-01-01T00:00:00Z")
    with pytest.raises(MachineDownError) as caught:
        states.check_machine(missed, "save")
    assert caught.value.lost_at == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)


def test_long_messages_are_shortened() -> None:
    assert shorten("a\n b.") == "a b"
    assert len(shorten("x" * 1000)) == 300

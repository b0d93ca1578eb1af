"""The scheduler, the kubelets and the disks of a cluster, as far as workspaces need them.

Each Pod is a thread that does what its machine would: it waits for room, starts one container after
the other, asks the probes, and writes the Pod's status.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kubernetes.containers import RunningContainer, not_running
from tests.kubernetes.pod_runner import PodRunner
from tests.kubernetes.store import PVC_PROTECTION, Store


@dataclass
class Node:
    """A machine, and what Pods may request of it."""

    cpu_millis: int = 64_000
    memory_mb: int = 256_000
    is_lost: bool = False
    is_cordoned: bool = False
    labels: dict[str, str] = field(default_factory=dict)


@dataclass
class Kubelet:
    folder: Path
    images: dict[str, Sequence[str]]
    """The command of each image that can be pulled; empty for one that Pods have to name."""
    nodes: dict[str, Node] = field(default_factory=lambda: {"node-1": Node()})
    makes_disks: bool = True
    store: Store = field(init=False)
    runners: dict[str, PodRunner] = field(default_factory=dict)
    """By the Pod's uid."""

    def attach(self, store: Store) -> None:
        self.store = store
        store.on_change = self._on_change

    def runner(self, pod_name: str) -> PodRunner:
        pod = self.store.read("pods", pod_name)
        return self.runners[pod["metadata"]["uid"]]

    def container(self, pod_name: str, name: str) -> RunningContainer:
        """Return a container that was started.

        Raises:
            StatusError: if there is no such Pod, or the container was not started.
        """
        containers = self.runner(pod_name).containers
        if name not in containers:
            raise not_running(name)
        return containers[name]

    def evict(self, pod_name: str, message: str) -> None:
        """End the Pod, and wait until its status says so."""
        runner = self.runner(pod_name)
        runner.end("Evicted", message)
        runner.await_end()

    def lose_node(self, name: str) -> None:
        """The machine answers no more; its programs are gone as far as a test can tell."""
        self.nodes[name].is_lost = True
        for runner in list(self.runners.values()):
            if runner.node == name:
                runner.lose()

    def bring_back(self, name: str) -> None:
        """Return when the API knows what became of its Pods."""
        self.nodes[name].is_lost = False
        for runner in list(self.runners.values()):
            if runner.node == name:
                runner.bring_back()
                runner.await_end()

    def remove_node(self, name: str) -> None:
        """As `kubectl delete node`: the control plane removes its Pods."""
        del self.nodes[name]
        for runner in list(self.runners.values()):
            if runner.node == name:
                runner.forget()

    def stop(self) -> None:
        """End everything."""
        for runner in list(self.runners.values()):
            runner.forget()
        for runner in list(self.runners.values()):
            runner.thread.join(30)

    # For the runners.

    def command_of(self, image: str) -> Sequence[str] | None:
        """Return the command of an image, or None if it cannot be pulled."""
        return self.images.get(image)

    def claim_folder(self, name: str) -> Path | None:
        """Return the folder of a claim's disk, or None while it has none."""
        claim = self.store.find("persistentvolumeclaims", name)
        if claim is None or not self.makes_disks:
            return None
        return self.folder / "disks" / str(claim["metadata"]["uid"])

    def place(self, runner: PodRunner) -> str | None:
        """Choose a machine for the Pod and return None, or why none takes it."""
        with self.store.lock:
            if ("pods", runner.name) not in self.store.resources:
                return "it was deleted"
            reasons: dict[str, int] = {}
            for name, node in self.nodes.items():
                others = [
                    each
                    for each in self.runners.values()
                    if each.node == name and not each.is_over and each is not runner
                ]
                used_cpu = sum(each.requests[0] for each in others)
                used_memory = sum(each.requests[1] for each in others)
                reason = self._refusal(
                    node, runner, node.cpu_millis - used_cpu, node.memory_mb - used_memory
                )
                if reason is None:
                    runner.node = name
                    self.store.resources["pods", runner.name]["spec"]["nodeName"] = name
                    return None
                reasons[reason] = reasons.get(reason, 0) + 1
            clauses = ", ".join(f"{number} {reason}" for reason, number in reasons.items())
            total = len(self.nodes)
            return f"0/{total} nodes are available: {clauses}. preemption: 0/{total} nodes"

    def _refusal(self, node: Node, runner: PodRunner, cpu: int, memory: int) -> str | None:
        wanted = runner.spec.get("nodeSelector") or {}
        if node.is_lost:
            return "node(s) had untolerated taint(s) {node.kubernetes.io/unreachable: }"
        if node.is_cordoned:
            return "node(s) were unschedulable"
        if not wanted.items() <= node.labels.items():
            return "node(s) didn't match Pod's node affinity/selector"
        if runner.requests[0] > cpu:
            return "Insufficient cpu"
        return "Insufficient memory" if runner.requests[1] > memory else None

    def release_claims(self) -> None:
        """Remove the disks that were deleted and that no Pod uses."""
        with self.store.lock:
            used = {
                volume["persistentVolumeClaim"]["claimName"]
                for (plural, _), pod in self.store.resources.items()
                if plural == "pods"
                for volume in pod["spec"].get("volumes") or ()
                if "persistentVolumeClaim" in volume
            }
            for (plural, name), claim in list(self.store.resources.items()):
                is_deleted = "deletionTimestamp" in claim["metadata"]
                if plural == "persistentvolumeclaims" and is_deleted and name not in used:
                    claim["metadata"]["finalizers"].remove(PVC_PROTECTION)
                    self.store.remove(plural, name)
                    shutil.rmtree(self.folder / "disks" / claim["metadata"]["uid"])

    def collect_garbage(self, owner_uid: str) -> None:
        """Remove what belonged to a resource that is gone."""
        with self.store.lock:
            for (plural, name), resource in list(self.store.resources.items()):
                owners = resource["metadata"].get("ownerReferences") or ()
                if owner_uid in {each["uid"] for each in owners}:
                    self.store.remove(plural, name)

    def _on_change(self, plural: str, resource: Any) -> None:
        metadata = resource["metadata"]
        if plural == "persistentvolumeclaims":
            if "deletionTimestamp" in metadata:
                self.release_claims()
                return
            (self.folder / "disks" / metadata["uid"]).mkdir(parents=True, exist_ok=True)
        if plural != "pods":
            return
        runner = self.runners.get(metadata["uid"])
        if runner is None:
            runner = self.runners[metadata["uid"]] = PodRunner(self, resource)
            runner.thread.start()
        elif "deletionTimestamp" in metadata:
            runner.is_deleted.set()
        else:
            runner.write_annotations(metadata["annotations"])

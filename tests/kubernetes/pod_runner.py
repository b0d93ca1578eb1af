"""What a machine does with one Pod."""

import re
import shutil
import threading
from typing import TYPE_CHECKING, Any

from takehome_platform.local_stack.config import free_port
from tests.kubernetes.containers import RunningContainer
from tests.kubernetes.probes import is_answered
from tests.kubernetes.store import now
from tests.kubernetes.volumes import Volumes

if TYPE_CHECKING:
    from tests.kubernetes.kubelet import Kubelet

IMAGE_NAME = re.compile(r"[a-z0-9][\w.-]*(:\d+)?(/[\w.-]+)*(:[\w.-]+|@sha256:[0-9a-f]{64})?")
POLL_SECONDS = 0.02
# The real ones count seconds; see `pods`.
LIVENESS_FAILURES = 3


class PodRunner:
    def __init__(self, kubelet: "Kubelet", pod: Any) -> None:
        self.kubelet = kubelet
        self.name = str(pod["metadata"]["name"])
        self.uid = str(pod["metadata"]["uid"])
        self.spec = pod["spec"]
        self.node = ""
        self.containers: dict[str, RunningContainer] = {}
        self.is_over = False
        self.is_deleted = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"pod {self.name}", daemon=True)
        self._annotations = dict(pod["metadata"]["annotations"])
        self._folder = kubelet.folder / "pods" / self.uid
        self._volumes = Volumes(kubelet, self.spec.get("volumes") or (), self._folder)
        self._states: dict[str, Any] = {}
        self._condition: dict[str, Any] = {}
        self._ready = {"type": "Ready", "status": "False", "lastTransitionTime": now()}
        self._phase = "Pending"
        self._reason: dict[str, str] = {}
        self._out_of_memory: set[str] = set()
        self._is_lost = False
        self._were_ready = False
        self._is_forgotten = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.RLock()

    @property
    def requests(self) -> tuple[int, int]:
        """Processors (in thousandths) and memory (MiB) of its containers."""
        cpu = memory = 0
        for each in self._all("containers"):
            requests = each["resources"]["requests"]
            cpu += int(requests["cpu"].removesuffix("m"))
            memory += int(requests["memory"].removesuffix("Mi"))
        return cpu, memory

    def end(self, reason: str, message: str) -> None:
        """End the Pod's programs, as an eviction does."""
        with self._lock:
            self._reason = {"reason": reason, "message": message}
            self._kill_all()

    def run_out_of_memory(self, name: str) -> None:
        """End a container as the kernel does when its memory is used up."""
        with self._lock:
            self._out_of_memory.add(name)
            self.containers[name].kill()

    def await_end(self) -> None:
        """Wait until the Pod's status says that it has ended."""
        assert self._ended.wait(30)

    def lose(self) -> None:
        """Its machine answers no more: the control plane says so, and no status comes of it."""
        with self._lock:
            self._kill_all()
            self._ready |= {"status": "False", "lastTransitionTime": now()}
            self._publish()
            self._is_lost = True

    def hang(self) -> None:
        """Its machine does nothing more, which the control plane has not noticed."""
        self._is_lost = True

    def bring_back(self) -> None:
        """Its machine is back, after a restart."""
        self._is_lost = False

    def forget(self) -> None:
        """Remove it without asking its machine."""
        self._is_forgotten.set()
        self.is_deleted.set()

    def write_annotations(self, annotations: dict[str, str]) -> None:
        self._annotations = dict(annotations)
        self._volumes.write_fields(annotations)

    def _run(self) -> None:
        try:
            if self._schedule() and self._mount():
                self._run_containers()
            self._finish()
        finally:
            self._remove()

    def _pause(self) -> bool:
        """Return False once the Pod is to go."""
        return not self.is_deleted.wait(POLL_SECONDS)

    def _schedule(self) -> bool:
        while True:
            refusal = self.kubelet.place(self)
            if refusal is None:
                self._condition = {"type": "PodScheduled", "status": "True"}
                return True
            self._condition = {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": refusal,
            }
            self._publish()
            if not self._pause():
                return False

    def _mount(self) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        while not self._volumes.mount(self._annotations):
            self._condition |= {
                "status": "False",
                "reason": "Unschedulable",
                "message": "pod has unbound immediate PersistentVolumeClaims",
            }
            self._publish()
            if not self._pause():
                return False
        self._ports = {str(port): free_port() for port in (8080, 8081)}
        return True

    def _run_containers(self) -> None:
        for each in self._all("containers"):
            self._states[each["name"]] = {"waiting": {"reason": "PodInitializing"}}
        for each in self._all("initContainers"):
            container = self._start(each)
            if container is None:
                return
            if each.get("restartPolicy") == "Always":
                continue
            while not container.is_over:
                if not self._pause():
                    return
            self._states[each["name"]] = self._terminated(container)
            self._publish()
            if container.exit_code:
                return
        self._phase = "Running"
        mains = [self._start(each) for each in self._all("containers")]
        if None in mains:
            return
        # None until the first answer: here a container counts as started before it listens.
        failures: int | None = None
        while not self._is_over(mains):
            if not self._is_lost:
                if self._probe("livenessProbe"):
                    failures = 0
                elif failures is not None:
                    failures += 1
                if failures is not None and failures > LIVENESS_FAILURES:
                    self._kill(self._all("containers"))
                self._set_ready(self._probe("readinessProbe"))
            if not self._pause():
                return

    def _is_over(self, mains: Any) -> bool:
        with self._lock:
            for container in mains:
                was_running = "running" in self._states[container.name]
                if container.is_over and was_running and not self._is_lost:
                    self._states[container.name] = self._terminated(container)
            return not self._is_lost and all(container.is_over for container in mains)

    def _start(self, spec: Any) -> RunningContainer | None:
        """Start a container once its image is there; return None if the Pod is to go first."""
        image, name = spec["image"], spec["name"]
        while (command := self.kubelet.command_of(image)) is None:
            is_name = IMAGE_NAME.fullmatch(image)
            reason = "ImagePullBackOff" if is_name else "InvalidImageName"
            message = f'Back-off pulling image "{image}"' if is_name else f"couldn't parse {image}"
            self._states[name] = {"waiting": {"reason": reason, "message": message}}
            self._publish()
            if not self._pause():
                return None
        mounts = {
            each["mountPath"]: self._volumes.folders[each["name"]]
            for each in spec.get("volumeMounts", ())
        }
        simulated = {"name": "SIMULATED_PORT", "value": str(self._ports["8080"])}
        spec = {**spec, "env": [*spec.get("env", ()), simulated]}
        argv = spec.get("command") or command
        with self._lock:
            container = RunningContainer(
                spec, argv, mounts, self._ports, self._folder / f"{name}.log"
            )
            self.containers[name] = container
            self._states[name] = {"running": {"startedAt": now()}}
            self._publish()
        return container

    def _probe(self, kind: str) -> bool:
        return is_answered(self._all("containers"), kind, self._ports)

    def _set_ready(self, is_ready: bool) -> None:
        status = "True" if is_ready else "False"
        with self._lock:
            if self._is_lost:
                return
            self._were_ready = is_ready
            if self._ready["status"] != status:
                self._ready = {"type": "Ready", "status": status, "lastTransitionTime": now()}
            self._publish()

    def _finish(self) -> None:
        """Its programs have ended, or are to end."""
        with self._lock:
            self._kill_all()
            for name, container in self.containers.items():
                if "running" in self._states.get(name, {}):
                    self._states[name] = self._terminated(container)
            if self._phase == "Running" or self._reason or self._has_failed():
                ended = [self._states[each["name"]] for each in self._all("containers")]
                codes = [each.get("terminated", {}).get("exitCode", 1) for each in ended]
                self._phase = "Failed" if any(codes) or self._reason else "Succeeded"
                self.is_over = True
            self._were_ready = False
            self._ready |= {"status": "False"}
            self._publish()
            self._ended.set()

    def _has_failed(self) -> bool:
        return any(each.get("terminated", {}).get("exitCode") for each in self._states.values())

    def _remove(self) -> None:
        self.is_deleted.wait()
        while self._is_lost and not self._is_forgotten.wait(POLL_SECONDS):
            pass
        with self._lock:
            self._kill_all()
        self.is_over = True
        store = self.kubelet.store
        with store.lock:
            found = store.resources.get(("pods", self.name))
            if found is not None and found["metadata"]["uid"] == self.uid:
                store.remove("pods", self.name)
            self.kubelet.release_claims()
            self.kubelet.collect_garbage(self.uid)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _terminated(self, container: RunningContainer) -> dict[str, Any]:
        code = container.exit_code
        reason = "Error" if code else "Completed"
        if container.name in self._out_of_memory:
            reason = "OOMKilled"
        return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": now()}}

    def _kill(self, specs: Any) -> None:
        for each in specs:
            if each["name"] in self.containers:
                self.containers[each["name"]].kill()

    def _kill_all(self) -> None:
        self._kill([*self._all("containers"), *self._all("initContainers")])

    def _all(self, kind: str) -> Any:
        return self.spec.get(kind) or ()

    def _publish(self) -> None:
        if self._is_lost:
            return

        def statuses(kind: str) -> list[Any]:
            return [
                {
                    "name": each["name"],
                    "image": each["image"],
                    "state": self._states[each["name"]],
                }
                for each in self._all(kind)
                if each["name"] in self._states
            ]

        status = {
            "phase": self._phase,
            "conditions": [
                *filter(None, [self._condition]),
                dict(self._ready),
                {"type": "ContainersReady", "status": "True" if self._were_ready else "False"},
            ],
            "initContainerStatuses": statuses("initContainers"),
            "containerStatuses": statuses("containers"),
            **self._reason,
        }
        self.kubelet.store.set_status(self.name, self.uid, status)

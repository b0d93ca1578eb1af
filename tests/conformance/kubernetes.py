"""The adapter of a Kubernetes cluster whose machines are simulated: see `tests.kubernetes`."""

import os
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from operations.provisioners.base import Provisioner, Workspace
from operations.provisioners.deadlines import GRACE_PERIOD
from operations.provisioners.kubernetes import naming, pods
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from tests.conformance.adapter import Adapter, Found
from tests.conformance.local import WRITE_CLOCK
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.containers import RunningContainer
from tests.kubernetes.kubelet import Node

NETWORK = "its network and its processes are simulated"


class KubernetesAdapter(Adapter):
    unproven = {"internet_is_blocked_or_it_says_so": NETWORK, "isolates_as_it_says": NETWORK}

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self._programs: list[subprocess.Popen[bytes]] = []
        super().__init__(self.another_worker(), folder)

    def another_worker(self) -> Provisioner:
        return KubernetesProvisioner(self._cluster.options)

    def another_platform(self) -> Adapter:
        options = replace(self._cluster.options, platform=f"{self._cluster.options.platform}2-")
        return KubernetesAdapter(replace(self._cluster, options=options), self.folder)

    def write(self, name: str, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            file = self._project(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def read(self, name: str) -> Found:
        folder = self._project(name)
        paths = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file()
        }
        executable = {name for name, path in paths.items() if os.access(path, os.X_OK)}
        return Found({name: path.read_bytes() for name, path in paths.items()}, executable)

    def start_program(self, name: str) -> None:
        editor = self._editor(name)
        argv, options = editor.command(["python3", "-Ic", WRITE_CLOCK])
        program = subprocess.Popen(argv, **options, stderr=subprocess.DEVNULL)
        editor.adopt(program)
        self._programs.append(program)

    def stop(self, name: str) -> None:
        """As a machine that was restarted: it starts no container again."""
        runner = self._cluster.kubelet.runner(self._pod(name))
        runner.end("Terminated", "Pod was terminated in response to imminent node shutdown.")
        runner.await_end()

    def reaches_others(self, names: Collection[str]) -> list[bool]:
        raise AssertionError(NETWORK)

    def sees_programs(self, name: str, of: str) -> bool:
        raise AssertionError(NETWORK)

    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        raise AssertionError(NETWORK)

    def stops_at(self, name: str) -> datetime | None:
        """What its sidecar reads."""
        sidecar = self._cluster.kubelet.container(self._pod(name), pods.SIDECAR)
        text = sidecar.path(f"{pods.DEADLINE_MOUNT}/{pods.DEADLINE_FILE}").read_text()
        return datetime.fromtimestamp(int(text), UTC) - GRACE_PERIOD

    def on_mortal_machines(self) -> Provisioner:
        self._cluster.kubelet.nodes["node-2"] = Node()
        return self.provisioner

    def lose_machine(self, name: str) -> None:
        self._lost = self._cluster.kubelet.runner(self._pod(name)).node
        self._cluster.kubelet.lose_node(self._lost)

    def bring_machine_back(self) -> None:
        self._cluster.kubelet.bring_back(self._lost)

    def remove_all(self) -> None:
        super().remove_all()
        for program in self._programs:
            program.wait(30)
        left = [
            key
            for key, resource in self._cluster.store.resources.items()
            if naming.platform_selector(self._cluster.options.platform).partition(",")[0]
            in {f"{label}={value}" for label, value in resource["metadata"]["labels"].items()}
        ]
        assert left == []

    def _editor(self, name: str) -> RunningContainer:
        return self._cluster.kubelet.container(self._pod(name), pods.EDITOR)

    def _project(self, name: str) -> Path:
        return self._editor(name).path(f"{self._cluster.options.home}/{pods.PROJECT_FOLDER}")

    def _pod(self, name: str) -> str:
        return naming.names_of(self._cluster.options.platform, name).base

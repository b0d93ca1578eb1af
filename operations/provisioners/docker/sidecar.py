"""The gate of a workspace: a small container of the platform's own image that holds the network of
the workspace with its rules, its published port, and its clock.

The editor's container joins the gate's network and process namespaces. So the rules are set before
the first program of the candidate's runs, nothing of the candidate's can change them or stop the
clock, and when the gate ends, at the end of the time or with the engine, so does the editor.
"""

import hmac
import random
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import tar_stream
from operations.provisioners.docker.errors import is_in_use, said
from operations.provisioners.docker.helper_container import SMALL_LOG
from operations.provisioners.docker.naming import ENDS_AT, PORT, Names, shown_time, when
from operations.provisioners.docker.network import PORT as INSIDE
from operations.provisioners.docker.network import rules
from operations.provisioners.docker.options import Options
from operations.provisioners.docker.volume import store
from operations.provisioners.docker.workspace_container import HEALTH
from operations.provisioners.editor_config import digest

SCRIPT = Path(__file__).with_name("sidecar.sh").read_text()
# How long after its end a workspace waits to be ended, before it stops by itself.
GRACE = timedelta(minutes=30)
READY_WITHIN = 20.0  # seconds
PORTS_TRIED = 20
# Seconds that a workspace's former port is waited for.
PORT_PATIENCE = 2.0
# So long may an editor take until it answers for the first time.
BEGINS_WITHIN = timedelta(minutes=3)
# Asked within the workspace's network: whatever lies between the platform and it says nothing of
# the editor itself. No more than the status is read, as it may be a program of the candidate's.
ASK = (
    f"exec 3<>/dev/tcp/127.0.0.1/{INSIDE}; printf 'GET {HEALTH} HTTP/1.0\\r\\n\\r\\n' >&3; "
    "head -c 12 <&3"
)
# How a program ends that is not there, in an image of one's own: that says nothing of the editor.
CANNOT_ASK = (126, 127)


@dataclass(frozen=True)
class Sidecar:
    """The gate of one workspace on one engine."""

    client: DockerClient
    options: Options
    names: Names

    def start(
        self, password: str, ends_at: datetime, here: Sequence[str], before: int | None
    ) -> tuple[Container, int | None]:
        """Make and start one, at the port `before` if it is free; the port, if one is published.

        `here` are addresses of the engine's machine. ProvisionError where it does not work.
        """
        reason = ""
        for port in self._ports(before) if self.options.is_published else (None,):
            gate = self._create(port, ends_at)
            tar_stream.put(gate, "/", self._files(password, ends_at, here))
            try:
                self._start(gate, patient=port is not None and port == before)
            except APIError as error:
                gate.remove(force=True, v=True)
                if not is_in_use(error):
                    raise
                reason = said(error)
                continue
            self._wait_for_rules(gate)
            return gate, port
        raise ProvisionError("start", f"No port of DOCKER_PORTS could be published: {reason}.")

    def is_password(self, gate: Container, password: str) -> bool:
        """Whether the workspace was started with that password."""
        salt, _, check = tar_stream.content(gate, "/takehome/check").decode().partition(":")
        return hmac.compare_digest(digest(password, salt), check)

    def _create(self, port: int | None, ends_at: datetime) -> Container:
        labels = self.names.labels(**{ENDS_AT: shown_time(ends_at)}) | self._proxy_labels()
        published: dict[str, Any] = {}
        if port is not None:
            labels[PORT] = str(port)
            published = {f"{INSIDE}/tcp": (self.options.publish_address, port)}
        gate = self.client.containers.create(
            self.options.helper_image,
            name=self.names.gate,
            entrypoint=["sh", "-c", SCRIPT, "gate"],
            command=[],
            user="0:0",
            working_dir="/",
            hostname="workspace",
            init=True,
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges"],
            network=self.names.editor,
            ports=published,
            # With no way out, the engine's own name server must not be one.
            dns=None if self.options.internet else ["192.0.2.1"],
            # Only so that it counts as used: what is not may be pruned away.
            volumes={store(self.names.platform): {"bind": "/takehome-disks", "mode": "ro"}},
            mem_limit="64m",
            pids_limit=32,
            log_config=SMALL_LOG,
            healthcheck={"test": ["NONE"]},
            labels=labels,
        )
        if self.options.network:
            self._join(gate)
        return gate

    def _join(self, gate: Container) -> None:
        """The network that a proxy and the platform share with all workspaces."""
        try:
            network = self.client.networks.get(self.options.network)
        except NotFound:
            gate.remove(force=True, v=True)
            raise ProvisionError(
                "start",
                f"The engine has no network {self.options.network}: make it, or leave "
                "DOCKER_NETWORK empty.",
            ) from None
        network.connect(gate, aliases=[self.names.id.lower()])

    def _start(self, gate: Container, *, patient: bool) -> None:
        """What was just ended holds its port for a moment; the address is worth the wait."""
        deadline = time.monotonic() + PORT_PATIENCE
        while True:
            try:
                gate.start()
            except APIError as error:
                if not (patient and is_in_use(error) and time.monotonic() < deadline):
                    raise
                time.sleep(0.2)
            else:
                return

    def _wait_for_rules(self, gate: Container) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            words = gate.logs().decode(errors="replace").split()
            if words == ["ready"]:
                return
            gate.reload()
            if gate.status != "running" or time.monotonic() > deadline:
                raise ProvisionError(
                    "start",
                    "The rules of the workspace's network could not be set "
                    f"({' '.join(words[-30:]) or 'no answer'}).",
                )
            time.sleep(0.05)

    def _files(
        self, password: str, ends_at: datetime, here: Sequence[str]
    ) -> list[tar_stream.Entry]:
        salt = secrets.token_hex(8)
        neighbours = str(self.options.subnets)
        refused = [*self.options.refused, neighbours, *here, *self._own_addresses()]
        return [
            tar_stream.folder("takehome", mode=0o755),
            tar_stream.file(
                "takehome/rules",
                rules(internet=self.options.internet, refused=refused).encode(),
            ),
            tar_stream.file("takehome/check", f"{salt}:{digest(password, salt)}".encode()),
            clock(ends_at),
        ]

    def _own_addresses(self) -> list[str]:
        """Of the name that browsers open: it may lead back here from outside."""
        host = self.options.url_of(self.names.id, 1).split("/")[2].rpartition("@")[2]
        host = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdecimal() else host
        try:
            found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
        except OSError:
            return []
        return [str(address[4][0]) for address in found]

    def _proxy_labels(self) -> dict[str, str]:
        """For Traefik, which reads from a container where it is to be found."""
        if "{name}" not in self.options.url or not self.options.network:
            return {}
        host = self.options.url_of(self.names.id, None).split("/")[2].partition(":")[0]
        name = self.names.editor.lower().replace(".", "-")
        return {
            "traefik.enable": "true",
            "traefik.docker.network": self.options.network,
            f"traefik.http.routers.{name}.rule": f"Host(`{host}`)",
            f"traefik.http.services.{name}.loadbalancer.server.port": str(INSIDE),
        }

    def _ports(self, before: int | None) -> Iterator[int]:
        """The one it had, then some that no workspace of this engine has."""
        if before is not None:
            yield before
        listed = self.client.api.containers(all=True, filters={"label": PORT})
        taken = {int(container["Labels"][PORT]) for container in listed}
        free = [port for port in self.options.ports if port not in taken and port != before]
        yield from random.sample(free, min(PORTS_TRIED, len(free)))


def is_unresponsive(gate: Container, editor: Container) -> bool:
    """Whether an editor that has run for a while does not answer even from beside it, in 8 s."""
    began = when(editor.attrs["State"]["StartedAt"])
    if datetime.now(UTC) - began < BEGINS_WITHIN:
        return False
    code, said = gate.exec_run(["timeout", "8", "bash", "-c", ASK], stderr=False)
    if code in CANNOT_ASK:
        return False
    return not isinstance(said, bytes) or said.split()[1:2] != [b"200"]


def clock(ends_at: datetime) -> tar_stream.Entry:
    """The file that says when the workspace ends by itself."""
    until = int((max(ends_at, datetime.now(UTC)) + GRACE).timestamp())
    return tar_stream.file("takehome/ends-at", f"{until}\n".encode())

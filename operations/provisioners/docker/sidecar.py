"""The sidecar of a workspace: a small container of the platform's own image that holds the
workspace's network, firewall, published port and deadline.

The editor's container joins the sidecar's network and process namespaces. So the firewall is set
before the candidate's first program runs, no program of the candidate can change it or stop the
timer, and the editor ends together with the sidecar: at the deadline, or with the engine.
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
from operations.provisioners.docker.deadlines import deadline_file
from operations.provisioners.docker.errors import engine_message, is_port_in_use
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.volume import store_name
from operations.provisioners.docker.firewall import firewall_rules
from operations.provisioners.docker.helper_container import SMALL_LOG
from operations.provisioners.docker.naming import (
    ENDS_AT_LABEL,
    PORT_LABEL,
    Names,
    format_time,
    parse_time,
)
from operations.provisioners.docker.options import EDITOR_PORT, DockerOptions
from operations.provisioners.docker.workspace_container import HEALTH_PATH
from operations.provisioners.editor_config import password_hash

SCRIPT = Path(__file__).with_name("sidecar.sh").read_text()
READY_TIMEOUT_SECONDS = 20.0
MAX_PORT_ATTEMPTS = 20
# How long a start waits for the workspace's previous port.
PORT_WAIT_SECONDS = 2.0
# How long an editor may take until its first response.
STARTUP_TIME = timedelta(minutes=3)
# Runs inside the workspace's network, so that only the editor itself can fail the check. Reads only
# the status line, because the program that answers may be the candidate's. The exit code says all,
# as a busy engine may lose the output of a program that ends soon.
PROBE_COMMAND = (
    f"exec 3<>/dev/tcp/127.0.0.1/{EDITOR_PORT}; "
    f"printf 'GET {HEALTH_PATH} HTTP/1.0\\r\\n\\r\\n' >&3; "
    "line=$(head -c 12 <&3) || exit; "
    "[[ $line == HTTP/1.?' 200' ]]"
)
# The exit codes for a missing program, which says nothing about the editor.
PROBE_UNAVAILABLE = (126, 127)


@dataclass(frozen=True)
class Sidecar:
    """Creates and starts the sidecar of one workspace."""

    client: DockerClient
    options: DockerOptions
    names: Names

    def start(
        self,
        password: str,
        ends_at: datetime,
        host_addresses: Sequence[str],
        previous_port: int | None,
    ) -> tuple[Container, int | None]:
        """Start a sidecar, at `previous_port` if that is free; return it and its published port.

        The firewall blocks `host_addresses`, the addresses of the engine's machine.

        Raises:
            ProvisionError: if no port is free, or the firewall cannot be set.
        """
        reason = ""
        for port in self._ports(previous_port) if self.options.is_published else (None,):
            container = self._create(port, ends_at)
            tar_stream.put_entries(container, "/", self._files(password, ends_at, host_addresses))
            try:
                is_previous = port is not None and port == previous_port
                self._start(container, wait_for_port=is_previous)
            except APIError as error:
                container.remove(force=True, v=True)
                if not is_port_in_use(error):
                    raise
                reason = engine_message(error)
                continue
            self._wait_for_rules(container)
            return container, port
        raise ProvisionError("start", f"No port of DOCKER_PORTS could be published: {reason}.")

    def has_password(self, container: Container, password: str) -> bool:
        """Return whether the workspace was started with that password."""
        salt, _, check = tar_stream.read_file(container, "/takehome/check").decode().partition(":")
        return hmac.compare_digest(password_hash(password, salt), check)

    def _create(self, port: int | None, ends_at: datetime) -> Container:
        labels = self.names.labels(**{ENDS_AT_LABEL: format_time(ends_at)}) | self._proxy_labels()
        published: dict[str, Any] = {}
        if port is not None:
            labels[PORT_LABEL] = str(port)
            published = {f"{EDITOR_PORT}/tcp": (self.options.publish_address, port)}
        container = self.client.containers.create(
            self.options.helper_image,
            name=self.names.sidecar,
            entrypoint=["sh", "-c", SCRIPT, "sidecar"],
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
            # Without internet access, the engine's embedded DNS server must not forward queries.
            dns=None if self.options.internet else ["192.0.2.1"],
            # Mounted only to mark the volume as used: `docker volume prune` removes unused ones.
            volumes={store_name(self.names.platform): {"bind": "/takehome-disks", "mode": "ro"}},
            mem_limit="64m",
            pids_limit=32,
            log_config=SMALL_LOG,
            healthcheck={"test": ["NONE"]},
            labels=labels,
        )
        if self.options.network:
            self._join_shared_network(container)
        return container

    def _join_shared_network(self, container: Container) -> None:
        """Connect it to the network that a proxy and the platform share with all workspaces."""
        try:
            network = self.client.networks.get(self.options.network)
        except NotFound:
            container.remove(force=True, v=True)
            raise ProvisionError(
                "start",
                f"The engine has no network {self.options.network}. Create it, or leave "
                "DOCKER_NETWORK empty.",
            ) from None
        network.connect(container, aliases=[self.names.workspace.lower()])

    def _start(self, container: Container, *, wait_for_port: bool) -> None:
        """Start the container, and retry for PORT_WAIT_SECONDS while its port is in use.

        A container that has just ended holds its port for a moment, and keeping the port keeps the
        workspace's address.
        """
        deadline = time.monotonic() + PORT_WAIT_SECONDS
        while True:
            try:
                container.start()
            except APIError as error:
                if not (wait_for_port and is_port_in_use(error) and time.monotonic() < deadline):
                    raise
                time.sleep(0.2)
            else:
                return

    def _wait_for_rules(self, container: Container) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while True:
            words = container.logs().decode(errors="replace").split()
            if words == ["ready"]:
                return
            container.reload()
            if container.status != "running" or time.monotonic() > deadline:
                raise ProvisionError(
                    "start",
                    "The rules of the workspace's network could not be set "
                    f"({' '.join(words[-30:]) or 'no answer'}).",
                )
            time.sleep(0.05)

    def _files(
        self, password: str, ends_at: datetime, host_addresses: Sequence[str]
    ) -> list[tar_stream.TarEntry]:
        salt = secrets.token_hex(8)
        check = f"{salt}:{password_hash(password, salt)}"
        blocked_networks = [
            *self.options.blocked_networks,
            str(self.options.subnets),
            *host_addresses,
            *self._public_addresses(),
        ]
        rules = firewall_rules(internet=self.options.internet, blocked_networks=blocked_networks)
        return [
            tar_stream.folder_entry("takehome", mode=0o755),
            tar_stream.file_entry("takehome/rules", rules.encode()),
            tar_stream.file_entry("takehome/check", check.encode()),
            deadline_file(ends_at),
        ]

    def _public_addresses(self) -> list[str]:
        """Return the addresses of the host that browsers open: they may lead back to this machine.

        An unknown host has none.
        """
        host = self.options.workspace_url(self.names.workspace, 1).split("/")[2].rpartition("@")[2]
        host = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdecimal() else host
        if host.endswith(".localhost"):
            return []  # blocked in any case, and a resolver may ask the network for it
        return addresses_of(host)

    def _proxy_labels(self) -> dict[str, str]:
        """Return the labels that configure Traefik's route to this container."""
        options = self.options
        if "{name}" not in options.url or options.is_published or not options.network:
            return {}
        url = self.options.workspace_url(self.names.workspace, None)
        host = url.split("/")[2].partition(":")[0]
        name = self.names.editor.lower().replace(".", "-")
        return {
            "traefik.enable": "true",
            "traefik.docker.network": self.options.network,
            f"traefik.http.routers.{name}.rule": f"Host(`{host}`)",
            f"traefik.http.services.{name}.loadbalancer.server.port": str(EDITOR_PORT),
        }

    def _ports(self, previous_port: int | None) -> Iterator[int]:
        """Yield the previous port, then random ones that no workspace of this engine has."""
        if previous_port is not None:
            yield previous_port
        containers = self.client.api.containers(all=True, filters={"label": PORT_LABEL})
        taken = {int(container["Labels"][PORT_LABEL]) for container in containers}
        free = [port for port in self.options.ports if port not in taken and port != previous_port]
        yield from random.sample(free, min(MAX_PORT_ATTEMPTS, len(free)))


def addresses_of(host: str) -> list[str]:
    """Return the IPv4 addresses of a host; none if it is unknown."""
    try:
        addresses = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[4][0]) for address in addresses]


def is_unresponsive(sidecar: Container, editor: Container) -> bool:
    """Return whether an editor past its STARTUP_TIME fails the check from the sidecar for 8 s."""
    started_at = parse_time(editor.attrs["State"]["StartedAt"])
    if datetime.now(UTC) - started_at < STARTUP_TIME:
        return False
    code, _ = sidecar.exec_run(["timeout", "8", "bash", "-c", PROBE_COMMAND])
    return code != 0 and code not in PROBE_UNAVAILABLE

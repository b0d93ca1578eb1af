"""A deployment of docker-compose.yml with its own project name and ports."""

import json
import os
import secrets
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

from takehome_platform.local_stack.config import ROOT, free_port
from tests.services import wait_until

# `make images` builds the images; the caller chooses the workspace image.
WORKSPACE_IMAGE = os.environ.get("DOCKER_IMAGE", "")
# The only variables that are passed on from the developer's environment.
KEPT = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH")
LABEL = "takehome.platform"
# Runs inside the deployment: the provisioner knows all parts of a workspace.
END_WORKSPACES = """
import django
django.setup()
from operations.provisioners import get_provisioner
from operations.provisioners.base import Workspace
engine = get_provisioner("docker")
for owned in engine.list_owned():
    engine.destroy(Workspace(owned.id, None, None, owned.state), print)
"""
# Runs in a container of a web process, with the token as its argument: it needs no port outside.
READ_METRICS = (
    "import sys; from urllib.request import Request, urlopen; print(urlopen(Request("
    "'http://127.0.0.1:8000/metrics', headers={'Authorization': 'Bearer ' + sys.argv[1]}"
    ")).read().decode())"
)
# The lines for the summary at the end of the run.
measured: list[str] = []


def run(*command: str, environment: dict[str, str] | None = None, timeout: float = 300) -> str:
    """Run a command and return its stdout; a failure shows all its output."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Stack:
    """One deployment; `take_down` also removes its volumes and workspaces."""

    def __init__(self, folder: Path, password: str, prefix: str = "") -> None:
        """`prefix` is that of another deployment, whose workspaces this one finds again."""
        suffix = secrets.token_hex(3)
        self.project = f"takehome-test-{suffix}"
        self.prefix = prefix or f"ct{suffix}-"
        self.http_port, self.https_port = free_port(), free_port()
        self.origin = f"http://localhost:{self.http_port}"
        self.tls_origin = f"https://localhost:{self.https_port}"
        self.metrics_token = secrets.token_urlsafe(32)
        settings = {
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "ADMIN_PASSWORD": password,
            "TABLE_PREFIX": self.prefix,
            "METRICS_TOKEN": self.metrics_token,
            "DOCKER_IMAGE": WORKSPACE_IMAGE,
            # Not the defaults, which another deployment on this machine may use.
            "DOCKER_SUBNETS": "10.214.0.0/16",
            "DOCKER_PORTS": "31000-31999",
            "DOCKER_DISK_GB": "1",
        }
        self._env_file = folder / f"{self.project}.env"
        self._env_file.write_text("".join(f"{n}={v}\n" for n, v in settings.items()))
        self._environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environment["ENV_FILE"] = str(self._env_file)

    def compose(self, *arguments: str, timeout: float = 300) -> str:
        options = ("--project-name", self.project, "--env-file", str(self._env_file))
        return run(
            *("docker", "compose", *options, *arguments),
            environment=self._environment,
            timeout=timeout,
        )

    def up(self, *options: str) -> float:
        """Start everything and wait until it is healthy; return the duration in seconds."""
        started_at = time.monotonic()
        self.compose(*("up", "--detach", "--no-build", "--wait", *options))
        return time.monotonic() - started_at

    def take_down(self) -> None:
        """Remove everything, including the workspaces of failed tests."""
        try:
            self.compose("stop", "--timeout", "5")
            self.compose("run", "--rm", "--no-deps", "worker", "python", "-c", END_WORKSPACES)
        finally:
            self.compose("down", "--volumes", "--timeout", "5")
            ours = ("--quiet", "--filter", f"label={LABEL}={self.prefix}")
            # Of a worker that was killed while one prepared a disk; the sweep is an hour away.
            if helpers := run("docker", "ps", "--all", *ours).split():
                run("docker", "rm", "--force", "--volumes", *helpers)
            if disks := run("docker", "volume", "ls", *ours).split():
                run("docker", "volume", "rm", *disks)

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "--all", "--quiet", service).split()

    def kill(self, service: str) -> None:
        """Run `docker kill` on all containers of a service, which disables their restart policy."""
        run("docker", "kill", *self.containers(service))

    def start(self, service: str) -> None:
        """Start a killed service and wait until it is healthy."""
        ids = self.containers(service)
        run("docker", "start", *ids)
        for container in ids:
            wait_until(partial(is_healthy, container), f"{service} is not back", 120)

    def execute(self, container: str, *command: str) -> str:
        return run("docker", "exec", container, *command)

    def workspaces(self, interview_id: str) -> list[str]:
        """Return the names of the interview's editor containers."""
        names = run(
            *("docker", "ps", "--all", "--format", "{{.Names}}"),
            *("--filter", f"label={LABEL}={self.prefix}"),
            *("--filter", f"label=takehome.workspace={interview_id}"),
        )
        return [name for name in names.split() if not name.endswith("-gate")]

    def left(self, interview_id: str) -> list[str]:
        """Return the ids of all parts that the engine still has of that interview."""
        ours = ("--filter", f"label=takehome.workspace={interview_id}")
        return [
            *run("docker", "ps", "--all", "--quiet", *ours).split(),
            *run("docker", "volume", "ls", "--quiet", *ours).split(),
            *run("docker", "network", "ls", "--quiet", *ours).split(),
        ]

    def logs(self) -> str:
        return self.compose("logs", "--no-color", "--tail", "60")

    def metric(self, container: str, name: str) -> float:
        """Return the sum of one metric of a web process over all labels."""
        text = self.execute(container, "python", "-c", READ_METRICS, self.metrics_token)
        return sum_of_metric(text, name)


def sum_of_metric(text: str, name: str) -> float:
    """Return the sum of one metric over all labels, of what READ_METRICS has printed."""
    return sum(float(x.split()[-1]) for x in text.splitlines() if x.startswith(name))


def inspect(container: str) -> dict[str, Any]:
    return dict(json.loads(run("docker", "inspect", container))[0])


def is_healthy(container: str, started_after: str = "") -> bool:
    state = inspect(container)["State"]
    return bool(state["Health"]["Status"] == "healthy" and state["StartedAt"] > started_after)


def report(label: str, seconds: float) -> None:
    """Add a line to the summary at the end of the run."""
    measured.append(f"{label}: {seconds:.1f} s")

"""The whole platform on the swarm of the tests, as deploy/up deploys it."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

from takehome_platform.local_stack.config import ROOT
from tests.compose.stack import READ_METRICS, sum_of_metric
from tests.e2e.conftest import PASSWORD
from tests.faults.bucket import Bucket
from tests.services import wait_until
from tests.swarm.cluster import ADDRESSES, MANAGER, Cluster, run

PLATFORM_IMAGE, PROXY_IMAGE = "takehome-platform:latest", "takehome-proxy:latest"
POSTGRES_IMAGE, REDIS_IMAGE = "takehome-test-postgres", "redis:7"
TABLES_IMAGE = "amazon/dynamodb-local:latest"
# Where the machines reach this one.
OUTSIDE = "172.29.8.1"
# A machine that is not the manager, at whose proxy browsers arrive. Workspaces are on the third.
SITE, WORKSPACES = ADDRESSES["m2"], "m3"
DOMAIN = "workspaces.test"
IMAGES = Path(__file__).with_name("images")
NAME = "stack-test"


class Stack:
    """One deployment; `take_down` ends it."""

    def __init__(self, cluster: Cluster, folder: Path, settings: dict[str, str]) -> None:
        self.cluster = cluster
        self.folder = folder
        self.origin = f"https://{SITE}"
        self.metrics_token = secrets.token_urlsafe(32)
        self.settings = {
            "ALLOWED_HOSTS": SITE,
            "SITE_URL": self.origin,
            "ADMIN_PASSWORD": PASSWORD,
            "TABLE_PREFIX": "stack-",
            "WORKSPACE_DOMAIN": DOMAIN,
            "SWARM_NETWORK": "stack-agents",
            "SWARM_CONSTRAINTS": f"node.hostname=={WORKSPACES}",
            "PLATFORM_IMAGE": PLATFORM_IMAGE,
            "PROXY_IMAGE": PROXY_IMAGE,
            "POSTGRES_IMAGE": POSTGRES_IMAGE,
            "REDIS_IMAGE": REDIS_IMAGE,
            "RESOLVE_IMAGE": "never",
            "DOCKER_SUBNETS": "10.215.0.0/16",
            "DOCKER_DISK_GB": "1",
            "DOCKER_CPUS": "0.25",
            "DOCKER_MEMORY_MB": "768",
            "METRICS_TOKEN": self.metrics_token,
            "PROGRESS_MINUTES": "1",
            **settings,
        }

    def up(self, **changes: str) -> str:
        """Deploy it, or update it with changed settings; return what the script said."""
        self.settings |= changes
        env_file = self.folder / "env"
        # As whoever hosts it begins: with a copy, in which most settings are empty.
        lines = (ROOT / ".env.example").read_text().splitlines()
        lines = [line for line in lines if line.partition("=")[0] not in self.settings]
        lines += [f"{name}={value}" for name, value in self.settings.items()]
        env_file.write_text("\n".join(lines))
        done = subprocess.run(
            [ROOT / "deploy" / "up", "--unencrypted", NAME],
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ["HOME"],
                "DOCKER_HOST": self.cluster.url(MANAGER),
                "ENV_FILE": str(env_file),
                "STATE": str(self.folder / "state"),
                "DEPLOY_SECONDS": "600",
            },
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.logs()}"
        return done.stdout

    def tasks(self, service: str) -> list[dict[str, Any]]:
        """Return the running tasks of a service."""
        filters = {"service": f"{NAME}_{service}", "desired-state": "running"}
        return [
            task
            for task in self.cluster.manager.api.tasks(filters=filters)
            if task["Status"]["State"] == "running"
        ]

    def scale(self, service: str, replicas: int) -> None:
        """Run another number of a service, until the next deployment."""
        self.cluster.manager.services.get(f"{NAME}_{service}").scale(replicas)
        wait_until(
            lambda: len(self.tasks(service)) == replicas, f"No {replicas} of {service}.", 120
        )

    def containers(self, service: str) -> list[Container]:
        """Return the containers of a service, on all machines."""
        label = f"com.docker.swarm.service.name={NAME}_{service}"
        engines = self.cluster.engines.values()
        return [
            each for engine in engines for each in engine.containers.list(filters={"label": label})
        ]

    def streams(self, web: Container) -> float:
        """Return how many streams a web process has open."""
        said: Any = web.exec_run(["python", "-c", READ_METRICS, self.metrics_token]).output
        return sum_of_metric(said.decode(), "takehome_streams_open")

    def is_up(self) -> bool:
        """Whether every service has all of its tasks, of its newest version."""
        for service in self.cluster.manager.api.services(filters={"name": f"{NAME}_"}):
            mode = service["Spec"]["Mode"]
            name = service["Spec"]["Name"].removeprefix(f"{NAME}_")
            if "ReplicatedJob" in mode:
                continue
            wanted = mode["Replicated"]["Replicas"] if "Replicated" in mode else len(ADDRESSES)
            if len(self.tasks(name)) != wanted:
                return False
            if service.get("UpdateStatus", {}).get("State", "completed") != "completed":
                return False
        return True

    def logs(self) -> str:
        """Return the last lines of each service."""
        docker = ["docker", "--host", self.cluster.url(MANAGER)]
        parts = []
        for service in self.cluster.manager.api.services(filters={"name": f"{NAME}_"}):
            name = service["Spec"]["Name"]
            for command in (["service", "logs", "--tail", "15"], ["service", "ps", "--no-trunc"]):
                done = subprocess.run(
                    [*docker, *command, name],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                parts.append(f"== {name}\n{done.stdout}{done.stderr}")
        return "\n".join(parts)

    def take_down(self) -> None:
        """Remove the stack with its networks and agents; the rest goes with the machines."""
        manager = self.cluster.manager
        docker = ["docker", "--host", self.cluster.url(MANAGER)]
        subprocess.run([*docker, "stack", "rm", NAME], check=False, capture_output=True)
        for service in manager.api.services(filters={"name": "stack-agents"}):
            manager.api.remove_service(service["ID"])
        filters = {"label": f"com.docker.stack.namespace={NAME}"}

        def is_gone() -> bool:
            engines = self.cluster.engines.values()
            return not any(each.api.containers(filters=filters) for each in engines)

        wait_until(is_gone, "The stack does not end.", 60)
        networks = ["stack-agents", f"{NAME}-front"]
        subprocess.run([*docker, "network", "rm", *networks], check=False, capture_output=True)


@contextmanager
def tables(client: DockerClient) -> Iterator[str]:
    """A server of tables outside of the swarm; its address."""
    container = client.containers.run(
        TABLES_IMAGE,
        ["-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"],
        ports={"8000/tcp": (OUTSIDE, 0)},
        detach=True,
    )
    try:
        container.reload()
        port = container.attrs["NetworkSettings"]["Ports"]["8000/tcp"][0]["HostPort"]
        yield f"http://{OUTSIDE}:{port}"
    finally:
        container.remove(force=True, v=True)


@contextmanager
def deployed(cluster: Cluster, client: DockerClient, folder: Path, editor: str) -> Iterator[Stack]:
    """The platform on the swarm, with its tables and its bucket outside, as at a provider."""
    run("load", PLATFORM_IMAGE, PROXY_IMAGE)
    run("load-on", MANAGER, POSTGRES_IMAGE, REDIS_IMAGE)
    run("load-on", WORKSPACES, editor)
    cluster.set_label(MANAGER, "takehome.stores", "true")
    (folder / "bucket").mkdir()
    bucket = Bucket(folder / "bucket", OUTSIDE)
    with tables(client) as tables_url, bucket.running():
        outside = {**bucket.settings, "DYNAMODB_ENDPOINT_URL": tables_url, "DOCKER_IMAGE": editor}
        stack = Stack(cluster, folder, outside)
        try:
            stack.up()
            wait_until(stack.is_up, "The stack does not come up.", 400)
            yield stack
        except BaseException as error:
            error.add_note(stack.logs())
            raise
        finally:
            stack.take_down()

"""The agents: a service of Swarm that runs once on each machine and leads to its engine.

An agent is HAProxy, on an encrypted network that only agents and workers are on. It wants the
workers' own certificate, and publishes no port.
"""

from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.types import (
    ContainerSpec,
    EndpointSpec,
    Healthcheck,
    Mount,
    NetworkAttachmentConfig,
    RestartPolicy,
    SecretReference,
    ServiceMode,
    TaskTemplate,
    UpdateConfig,
)

from operations.provisioners.swarm.services import service_name

AGENT_PORT = 2376
# The names in the certificates. An agent's own is not a worker's: whoever takes it from a machine
# can reach no other machine with it.
AGENT_NAME, WORKER_NAME = "takehome-agent", "takehome-worker"
SOCKET = "/var/run/docker.sock"
# The files of its secrets. HAProxy finds a key by the name of its certificate.
CA, CERTIFICATE, KEY = "ca.pem", "agent.pem", "agent.pem.key"
SECRETS = "/run/secrets"
WANTED = "verify required ssl-min-ver TLSv1.2"
# A call of an engine may wait for as long as an image is pulled.
IDLE = "1h"

CONFIGURATION = f"""\
global
    log stderr format raw local0 notice
    maxconn 1000
defaults
    mode tcp
    log global
    timeout connect 5s
    timeout client {IDLE}
    timeout server {IDLE}
frontend workers
    bind :{AGENT_PORT} ssl crt {SECRETS}/{CERTIFICATE} ca-file {SECRETS}/{CA} {WANTED}
    tcp-request session reject unless {{ ssl_c_s_dn(cn) -m str {WORKER_NAME} }}
    default_backend engine
backend engine
    server engine unix@{SOCKET}
"""
# From a file descriptor: the container has nothing that can be written to.
COMMAND = ["bash", "-c", 'exec haproxy -W -f <(printf %s "$1")', "agent", CONFIGURATION]


def agent_service(network: str) -> str:
    """Return the name of the service whose agents are on the network."""
    return service_name(network)


def agent_addresses(client: DockerClient, network: str) -> dict[str, str]:
    """Return the address of each running agent on the network, by the id of its node."""
    filters = {"service": agent_service(network), "desired-state": "running"}
    try:
        tasks = client.api.tasks(filters=filters)
    except NotFound:
        return {}
    found: dict[str, str] = {}
    for task in tasks:
        if task["Status"]["State"] != "running":
            continue
        for attachment in task.get("NetworksAttachments") or []:
            if attachment["Network"]["Spec"]["Name"] == network and attachment["Addresses"]:
                found[task["NodeID"]] = attachment["Addresses"][0].partition("/")[0]
    return found


def agent_task(
    image: str, network_id: str, secrets: dict[str, tuple[str, str]], socket: str
) -> TaskTemplate:
    """Return what an agent runs. `secrets` are (id, name) by the name of the file."""
    return TaskTemplate(
        ContainerSpec(
            image,
            command=COMMAND,
            # Root may use the engine's socket whatever group that has; it has no other right.
            user="0:0",
            read_only=True,
            cap_drop=["ALL"],
            init=True,
            healthcheck=Healthcheck(test=["NONE"]),
            mounts=[Mount(SOCKET, socket, type="bind")],
            secrets=[
                SecretReference(id_, name, filename=file, mode=0o400)
                for file, (id_, name) in sorted(secrets.items())
            ],
        ),
        restart_policy=RestartPolicy(condition="any", delay=1_000_000_000),
        networks=[NetworkAttachmentConfig(network_id)],
    )


def agent_options(network: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return the other options of the service."""
    return {
        "name": agent_service(network),
        "labels": labels,
        "mode": ServiceMode("global"),
        # Without an address for all of them together: each is asked for its own machine.
        "endpoint_spec": EndpointSpec(mode="dnsrr"),
        "update_config": UpdateConfig(parallelism=1, failure_action="pause"),
    }

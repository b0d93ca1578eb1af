"""Set up what the swarm needs for workspaces: the agents, their network and their certificates."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, NotFound

from operations.provisioners.docker.naming import PLATFORM_LABEL
from operations.provisioners.swarm import agents, certificates
from operations.provisioners.swarm.nodes import parse_node
from operations.provisioners.swarm.options import SwarmOptions
from operations.provisioners.swarm.services import pinned_image, service_name

# Of a secret of ours, and of the agents' service: what it was made of.
MADE_OF_LABEL = "takehome.made-of"
# How long the agents may take to start.
START_SECONDS = 60.0

Say = Callable[[str], None]


class SetUpError(Exception):
    """The swarm cannot be set up; the message says why and what to do."""


def set_up(
    client: DockerClient, options: SwarmOptions, socket: str, say: Say, *, is_encrypted: bool = True
) -> None:
    """Make what is missing, and renew what ends soon. Safe to repeat.

    `socket` is the engine's on each machine. The network `is_encrypted` by itself, below the TLS of
    what is on it, where the machines' kernels can do that.

    Raises:
        SetUpError: if that fails.
        APIError: if the manager refuses something.
        OSError: if the certificates' folder cannot be written to.
    """
    if not client.info()["Swarm"].get("ControlAvailable"):
        raise SetUpError(
            "SWARM_HOST is no manager of a swarm. Run docker swarm init there, or name a manager."
        )
    network_id = _make_network(client, options, say, is_encrypted=is_encrypted)
    folder = options.certificates
    try:
        renewed = certificates.renew_certificates(folder, datetime.now(UTC))
    except ValueError as error:
        raise SetUpError(f"A certificate in {folder} can't be read ({error}). Remove it.") from None
    if renewed:
        say(f"Made {', '.join(renewed)} in {folder}. Each worker needs the folder.")
    else:
        say(f"The certificates in {folder} are valid until {_first_end(folder):%Y-%m-%d}.")
    secrets = _make_secrets(client, options, say)
    agent_secrets = {
        agents.CA: secrets[certificates.CA],
        agents.CERTIFICATE: secrets[certificates.AGENT],
        agents.KEY: secrets[certificates.AGENT_KEY],
    }
    image = pinned_image(client, options.machine.helper_image)
    task = agents.agent_task(image, network_id, agent_secrets, socket)
    _make_agents(client, task, options, say)
    _await_agents(client, options, say)
    _remove_old_secrets(client, secrets, options.platform, say)


def _make_network(
    client: DockerClient, swarm: SwarmOptions, say: Say, *, is_encrypted: bool
) -> str:
    name = swarm.network
    try:
        network = client.api.inspect_network(name)
    except NotFound:
        created = client.api.create_network(
            name,
            driver="overlay",
            options={"encrypted": ""} if is_encrypted else {},
            # Workers that are no service of the swarm join it too.
            attachable=True,
            labels={PLATFORM_LABEL: swarm.platform},
            check_duplicate=True,
        )
        say(f"Made the network {name}{', encrypted between machines' if is_encrypted else ''}.")
        return str(created["Id"])
    if network["Driver"] != "overlay" or not network.get("Attachable"):
        raise SetUpError(
            f"There is a network {name} that isn't an attachable overlay network. Remove it, or "
            "set SWARM_NETWORK to another name."
        )
    if is_encrypted and "encrypted" not in (network.get("Options") or {}):
        raise SetUpError(
            f"The network {name} isn't encrypted between machines. Remove it, or run this again "
            "with --unencrypted: what is on it is encrypted by TLS all the same."
        )
    say(f"The network {name} is there.")
    return str(network["Id"])


def _make_secrets(
    client: DockerClient, swarm: SwarmOptions, say: Say
) -> dict[str, tuple[str, str]]:
    """Return (id, name) of the secret for each file, which is made if it is new."""
    pairs = {
        certificates.CA: certificates.CA,
        certificates.AGENT: certificates.AGENT,
        certificates.AGENT_KEY: certificates.AGENT,
        certificates.WORKER: certificates.WORKER,
        certificates.WORKER_KEY: certificates.WORKER,
    }
    known = {each["Spec"]["Name"]: each["ID"] for each in client.api.secrets()}
    found, made = {}, []
    for file, certificate in pairs.items():
        # A key is named by its certificate: nothing of it is in its name.
        folder = swarm.certificates
        digest = hashlib.sha256((folder / certificate).read_bytes()).hexdigest()[:12]
        name = service_name(f"{swarm.network}-{Path(file).stem}-{digest}")
        if name not in known:
            labels = {PLATFORM_LABEL: swarm.platform, MADE_OF_LABEL: file}
            created = client.api.create_secret(name, (folder / file).read_bytes(), labels)
            known[name] = created["ID"]
            made.append(name)
        found[file] = (known[name], name)
    if made:
        say(f"Made the secrets {', '.join(made)}.")
    return found


def _make_agents(client: DockerClient, task: Any, swarm: SwarmOptions, say: Say) -> None:
    name = agents.agent_service(swarm.network)
    made_of = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()
    ours = {PLATFORM_LABEL: swarm.platform, MADE_OF_LABEL: made_of}
    options = agents.agent_options(swarm.network, ours)
    try:
        service = client.api.inspect_service(name)
    except NotFound:
        client.api.create_service(task, **options)
        say(f"Made the service {name}: an agent on each machine.")
        return
    labels = service["Spec"].get("Labels") or {}
    if labels.get(PLATFORM_LABEL) != swarm.platform:
        raise SetUpError(
            f"There is a service {name} that isn't this deployment's. Remove it, or set "
            "SWARM_NETWORK to another name."
        )
    if labels.get(MADE_OF_LABEL) == made_of:
        say(f"The service {name} is there.")
        return
    client.api.update_service(service["ID"], service["Version"]["Index"], task, **options)
    say(f"Updated the service {name}.")


def _await_agents(client: DockerClient, options: SwarmOptions, say: Say) -> None:
    """Wait until each machine has an agent; say which has none, and why."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        nodes = [parse_node(node) for node in client.api.nodes()]
        expected = [node for node in nodes if node.has_agent]
        running = agents.agent_addresses(client, options.network)
        missing = [node for node in expected if node.id not in running]
        if not missing:
            say(f"An agent runs on {len(expected)} of {len(nodes)} machines.")
            return
        if time.monotonic() > deadline:
            names = ", ".join(node.hostname for node in missing)
            why = _problems(client, options.network)
            raise SetUpError(f"No agent runs on {names}{why}.")
        time.sleep(0.5)


def _problems(client: DockerClient, network: str) -> str:
    tasks = client.api.tasks(filters={"service": agents.agent_service(network)})
    errors = Counter(task["Status"].get("Err", "") for task in tasks)
    errors.pop("", None)
    return f": {errors.most_common(1)[0][0].rstrip('.')}" if errors else ""


def _remove_old_secrets(
    client: DockerClient, current: dict[str, tuple[str, str]], platform: str, say: Say
) -> None:
    """Remove the secrets of earlier certificates. One that a service still uses stays."""
    kept = {id_ for id_, _ in current.values()}
    filters = {"label": [f"{PLATFORM_LABEL}={platform}", MADE_OF_LABEL]}
    for secret in client.api.secrets(filters=filters):
        if secret["ID"] in kept:
            continue
        name = secret["Spec"]["Name"]
        try:
            client.api.remove_secret(secret["ID"])
        except APIError as error:
            say(f"The secret {name} is old, and still in use ({error.explanation}).")
        else:
            say(f"Removed the secret {name}, which is old.")


def _first_end(folder: Path) -> datetime:
    files = (certificates.CA, certificates.AGENT, certificates.WORKER)
    return min(certificates.ends_at(folder / file) for file in files)

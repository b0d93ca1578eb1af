"""The agents as `manage.py set_up_swarm` makes them: who reaches them, what a repetition does."""

import socket
import ssl
from pathlib import Path

import pytest

from operations.provisioners.swarm.agents import AGENT_PORT
from tests.swarm.cluster import ADDRESSES, NETWORK, Cluster, accepts

pytestmark = pytest.mark.swarm

ASK = b"GET /version HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n"


def answer(address: str, folder: Path, certificate: str | None) -> bytes:
    """Ask an agent with one of the folder's certificates, or without one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(folder / "ca.pem")
    if certificate is not None:
        context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}-key.pem")
    try:
        with (
            socket.create_connection((address, AGENT_PORT), timeout=10) as connection,
            context.wrap_socket(connection) as secured,
        ):
            secured.sendall(ASK)
            return secured.recv(1024)
    except (ssl.SSLError, ConnectionError):
        return b""


def test_only_a_workers_certificate_leads_to_an_engine(cluster: Cluster) -> None:
    with cluster.worker():
        agents = cluster.agents()
        assert len(agents) == len(ADDRESSES)
        for address in agents.values():
            assert answer(address, cluster.certificates, "worker").startswith(b"HTTP/1.1 200")
            assert answer(address, cluster.certificates, None) == b""
            # Of the same CA, and on each machine.
            assert answer(address, cluster.certificates, "agent") == b""


def test_agents_publish_no_port(cluster: Cluster) -> None:
    """They are on their network alone."""
    assert not any(accepts(address) for address in ADDRESSES.values())


def test_command_says_what_it_made(cluster: Cluster) -> None:
    for line in (f"Made the network {NETWORK}.", f"Made the service {NETWORK}: an agent on each"):
        assert line in cluster.said
    assert "An agent runs on 3 of 3 machines." in cluster.said


def test_repetition_changes_nothing(cluster: Cluster) -> None:
    before = sorted(each["ID"] for each in cluster.manager.api.secrets())
    agents = cluster.agents()
    assert "Made" not in cluster.set_up()
    assert cluster.agents() == agents
    assert sorted(each["ID"] for each in cluster.manager.api.secrets()) == before


def test_renewed_certificate_reaches_the_agents(cluster: Cluster) -> None:
    (cluster.certificates / "agent.pem").unlink()
    said = cluster.set_up()
    assert "Made agent.pem in" in said and f"Updated the service {NETWORK}." in said
    with cluster.worker():
        cluster.await_agents()
        for address in cluster.agents().values():
            assert answer(address, cluster.certificates, "worker").startswith(b"HTTP/1.1 200")
    # What a service still uses is removed by the next run.
    cluster.set_up()
    secrets = cluster.manager.api.secrets(filters={"name": f"{NETWORK}-agent-"})
    assert len([each for each in secrets if "-key-" not in each["Spec"]["Name"]]) == 1

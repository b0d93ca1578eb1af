"""The network isolation of workspaces on a real Docker engine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker import DockerClient
from docker.models.containers import Container

from operations.provisioners import health_probe
from operations.provisioners.base import Workspace
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
    EDITOR,
    HELPER,
    editor,
    other,
    run_inside,
    sidecar,
    spec,
    start_workspace,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker

# Of TEST-NET-3 (RFC 5737), which no rule of a workspace blocks.
OUTSIDE = "203.0.113.0/29"

CONNECT = """
import socket, sys
for target in sys.argv[1:]:
    host, _, port = target.rpartition(':')
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
        print(target, 'open')
    except TimeoutError:
        print(target, 'silent')
    except OSError as error:
        print(target, 'refused')
"""


def attempts(container: Container, *targets: str) -> dict[str, str]:
    """Return target -> open, refused, or silent (no response in 5 seconds)."""
    lines = run_inside(container, CONNECT, *targets).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


@pytest.fixture
def machine(client: DockerClient, images: None) -> list[str]:
    """Every IPv4 address of the engine's machine, including the gateways of networks."""
    output = client.containers.run(
        HELPER, ["hostname", "--all-ip-addresses"], network_mode="host", remove=True
    )
    return [word for word in output.decode().split() if word.count(".") == 3]


@contextmanager
def running(
    client: DockerClient, options: DockerOptions, image: str, port: int
) -> Iterator[tuple[str, int]]:
    """Run a server on the engine's default network; yield its address and its published port."""
    container = client.containers.run(
        image, detach=True, name=f"{options.platform}server-{port}", ports={f"{port}/tcp": None}
    )
    try:
        container.reload()
        networks = container.attrs["NetworkSettings"]["Networks"]
        [bound, *_] = container.ports[f"{port}/tcp"] or []
        published = int(bound["HostPort"])
        wait_until(lambda: _is_open(published), f"{image} does not answer.", 60)
        yield networks["bridge"]["IPAddress"], published
    finally:
        container.remove(force=True, v=True)


def _is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            # Docker's proxy accepts connections before the server in the container listens.
            connection.settimeout(0.3)
            try:
                return connection.recv(1) != b""
            except TimeoutError:
                return True
    except OSError:
        return False


@pytest.mark.parametrize(
    ("image", "port"), [("redis:7", 6379), ("amazon/dynamodb-local:latest", 8000)]
)
def test_workspace_cannot_reach_a_store(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    machine: list[str],
    image: str,
    port: int,
) -> None:
    start_workspace(engine)
    with running(client, options, image, port) as (address, published):
        targets = [f"{address}:{port}", *(f"{here}:{published}" for here in machine)]
        # A plain container on the engine reaches them, so the firewall blocks the workspace.
        plain = client.containers.run(EDITOR, ["3600"], entrypoint=["sleep"], detach=True)
        try:
            assert "open" in attempts(plain, *targets).values()
        finally:
            plain.remove(force=True)
        assert attempts(editor(client, options), *targets) == dict.fromkeys(targets, "refused")


def test_workspace_cannot_reach_the_machine_or_metadata_services(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, machine: list[str]
) -> None:
    workspace = start_workspace(engine)
    own = sidecar(client, options).attrs["NetworkSettings"]["Networks"]
    [gateway] = [network["Gateway"] for network in own.values()]
    with socket.create_server(("0.0.0.0", 0)) as listening:
        port = listening.getsockname()[1]
        addresses = {*machine, gateway}
        targets = [f"{here}:{port}" for here in addresses]
        targets += [f"{here}:{workspace.state['port']}" for here in addresses]
        targets += ["169.254.169.254:80", "169.254.170.2:80", "100.100.100.200:80"]
        plain = client.containers.run(EDITOR, ["3600"], entrypoint=["sleep"], detach=True)
        try:
            assert "open" in attempts(plain, *targets[: len(addresses)]).values()
        finally:
            plain.remove(force=True)
        assert attempts(editor(client, options), *targets) == dict.fromkeys(targets, "refused")


def test_workspace_cannot_reach_another_workspace(
    client: DockerClient, options: DockerOptions, machine: list[str]
) -> None:
    shared = client.networks.create(f"{options.platform}shared", internal=True)
    try:
        engine = other(options, network=shared.name, publish_address="0.0.0.0")
        # This machine reaches both workspaces through the shared network, like the platform.
        start_workspace(engine)
        neighbour = start_workspace(engine, spec("takehome-2"))
        networks = sidecar(client, options, "takehome-2").attrs["NetworkSettings"]["Networks"]
        inner = [network["IPAddress"] for network in networks.values()]
        assert len(inner) == 2 and all(
            health_probe.is_answering(here, 8080, "/healthz") for here in inner
        )
        port = neighbour.state["port"]
        assert health_probe.is_answering("127.0.0.1", port, "/healthz")
        targets = [f"{here}:8080" for here in inner] + [f"{here}:{port}" for here in machine]
        targets += ["takehome-2:8080", f"{sidecar(client, options, 'takehome-2').name}:8080"]
        assert attempts(editor(client, options), *targets) == dict.fromkeys(targets, "refused")
    finally:
        for name in ("takehome-1", "takehome-2"):
            other(options).destroy(Workspace(name, None, None, {}), LogLines())
        shared.remove()


def test_proxy_reaches_a_workspace_by_name(client: DockerClient, options: DockerOptions) -> None:
    shared = client.networks.create(f"{options.platform}shared", internal=True)
    try:
        url = "https://{name}.workspaces.example.com/"
        engine = other(options, network=shared.name, url=url)
        workspace = start_workspace(engine, spec("Takehome-1"))
        assert workspace.url == "https://takehome-1.workspaces.example.com/"
        container_name = f"workspace-{options.platform}Takehome-1"
        assert workspace.state == {"container": container_name, "sign_in": "form"}
        container = sidecar(client, options, "Takehome-1")
        assert container.ports == {} or all(not bound for bound in container.ports.values())
        name = f"workspace-{options.platform}takehome-1"
        assert {
            key: container.labels[key] for key in container.labels if key.startswith("traefik")
        } == {
            "traefik.enable": "true",
            "traefik.docker.network": shared.name,
            f"traefik.http.routers.{name}.rule": "Host(`takehome-1.workspaces.example.com`)",
            f"traefik.http.services.{name}.loadbalancer.server.port": "8080",
        }
        proxy = client.containers.run(
            EDITOR, ["3600"], entrypoint=["sleep"], detach=True, network=shared.name
        )
        try:
            assert attempts(proxy, "takehome-1:8080") == {"takehome-1:8080": "open"}
        finally:
            proxy.remove(force=True)
    finally:
        other(options).destroy(Workspace("Takehome-1", None, None, {}), LogLines())
        shared.remove()


def test_without_internet_neither_connections_nor_dns_work(
    client: DockerClient, options: DockerOptions
) -> None:
    start_workspace(other(options, internet=False))
    container = editor(client, options)
    # Refused, so that a tool in the workspace says so at once instead of waiting.
    assert attempts(container, "pypi.org:443", "192.0.2.77:443") == {
        "pypi.org:443": "refused",
        "192.0.2.77:443": "refused",
    }
    assert run_inside(container, "import os; print(os.environ['TAKEHOME_INTERNET'])") == "off"


def test_with_internet_packages_can_be_installed(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    start_workspace(engine)
    command = ["pip", "download", "--quiet", "--no-deps", "--dest", "/tmp", "six"]
    code, output = editor(client, options).exec_run(command)
    assert code == 0, output


@contextmanager
def outside(client: DockerClient, options: DockerOptions) -> Iterator[str]:
    """A server at a public address that no workspace of before knows as the machine's own."""
    network = client.networks.create(
        f"{options.platform}outside",
        ipam={"Config": [{"Subnet": OUTSIDE}]},  # type: ignore[arg-type]
    )
    try:
        with socket.create_server(("203.0.113.1", 0)) as listening:
            yield f"203.0.113.1:{listening.getsockname()[1]}"
    finally:
        network.remove()


def test_a_workspace_whose_challenge_allows_no_internet_reaches_no_other_address(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    log = LogLines()
    start_workspace(engine, spec("takehome-2"))
    # Its editor answers, from outside.
    start_workspace(engine, spec(internet=False))
    mine, other_one = editor(client, options), editor(client, options, "takehome-2")
    show = "import os; print(os.environ['TAKEHOME_INTERNET'])"
    assert [run_inside(each, show) for each in (mine, other_one)] == ["off", "on"]
    with outside(client, options) as address:
        assert attempts(other_one, address) == {address: "open"}
        assert attempts(mine, address) == {address: "refused"}
        # Nor does it once its containers were lost, and are made again.
        mine.remove(force=True)
        engine.provision(spec(internet=False, files=None), log)
        assert attempts(editor(client, options), address) == {address: "refused"}
    assert [line for line in log if "has no internet" in line]

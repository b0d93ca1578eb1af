"""What a workspace on a real Docker engine cannot reach, nor do to its neighbours."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker import DockerClient
from docker.models.containers import Container

from operations.provisioners import health_probe
from operations.provisioners.base import Workspace
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import Lines
from tests.operations.provisioners.docker.conftest import (
    EDITOR,
    HELPER,
    editor,
    gate,
    inside,
    other,
    spec,
    up,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker

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
    """target -> open, refused, or silent (nothing came back in 5 seconds)."""
    lines = inside(container, CONNECT, *targets).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


@pytest.fixture
def machine(client: DockerClient, images: None) -> list[str]:
    """Every IPv4 address of the engine's machine, the gateways of networks among them."""
    said = client.containers.run(
        HELPER, ["hostname", "--all-ip-addresses"], network_mode="host", remove=True
    )
    return [word for word in said.decode().split() if word.count(".") == 3]


@contextmanager
def running(
    client: DockerClient, options: DockerOptions, image: str, port: int
) -> Iterator[tuple[str, int]]:
    """A server in a container on the engine's usual network, published at all addresses; its
    address there and its published port."""
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
            # What publishes a port accepts before there is anybody behind it.
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
def test_a_workspace_reaches_no_store(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    machine: list[str],
    image: str,
    port: int,
) -> None:
    up(engine)
    with running(client, options, image, port) as (address, published):
        targets = [f"{address}:{port}", *(f"{here}:{published}" for here in machine)]
        # Somebody else on the engine does reach them: it is the workspace that may not.
        plain = client.containers.run(EDITOR, ["3600"], entrypoint=["sleep"], detach=True)
        try:
            assert "open" in attempts(plain, *targets).values()
        finally:
            plain.remove(force=True)
        assert attempts(editor(client, options), *targets) == dict.fromkeys(targets, "refused")


def test_a_workspace_reaches_no_service_of_the_machine_and_no_metadata(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, machine: list[str]
) -> None:
    workspace = up(engine)
    own = gate(client, options).attrs["NetworkSettings"]["Networks"]
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


def test_a_workspace_reaches_no_neighbour(
    client: DockerClient, options: DockerOptions, machine: list[str]
) -> None:
    shared = client.networks.create(f"{options.platform}shared", internal=True)
    try:
        engine = other(options, network=shared.name, publish_address="0.0.0.0")
        # By the shared network the platform reaches both, as this machine reaches all of its own.
        up(engine)
        neighbour = up(engine, spec("takehome-2"))
        networks = gate(client, options, "takehome-2").attrs["NetworkSettings"]["Networks"]
        inner = [network["IPAddress"] for network in networks.values()]
        assert len(inner) == 2 and all(
            health_probe.is_answering(here, 8080, "/healthz") for here in inner
        )
        port = neighbour.state["port"]
        assert health_probe.is_answering("127.0.0.1", port, "/healthz")
        targets = [f"{here}:8080" for here in inner] + [f"{here}:{port}" for here in machine]
        targets += ["takehome-2:8080", f"{gate(client, options, 'takehome-2').name}:8080"]
        assert attempts(editor(client, options), *targets) == dict.fromkeys(targets, "refused")
    finally:
        for name in ("takehome-1", "takehome-2"):
            other(options).destroy(Workspace(name, None, None, {}), Lines())
        shared.remove()


def test_a_proxy_finds_a_workspace_by_its_name(
    client: DockerClient, options: DockerOptions
) -> None:
    shared = client.networks.create(f"{options.platform}shared", internal=True)
    try:
        url = "https://{name}.workspaces.example.com/"
        engine = other(options, network=shared.name, url=url)
        workspace = up(engine, spec("Takehome-1"))
        assert workspace.url == "https://takehome-1.workspaces.example.com/"
        assert workspace.state == {"container": f"workspace-{options.platform}Takehome-1"}
        door = gate(client, options, "Takehome-1")
        assert door.ports == {} or all(not bound for bound in door.ports.values())
        name = f"workspace-{options.platform}takehome-1"
        assert {key: door.labels[key] for key in door.labels if key.startswith("traefik")} == {
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
        other(options).destroy(Workspace("Takehome-1", None, None, {}), Lines())
        shared.remove()


def test_without_internet_there_is_no_way_out_not_even_a_name(
    client: DockerClient, options: DockerOptions
) -> None:
    up(other(options, internet=False))
    container = editor(client, options)
    began = time.monotonic()
    assert attempts(container, "pypi.org:443", "192.0.2.77:443") == {
        "pypi.org:443": "refused",
        "192.0.2.77:443": "refused",
    }
    assert time.monotonic() - began < 30
    assert inside(container, "import os; print(os.environ['TAKEHOME_INTERNET'])") == "off"


def test_with_internet_packages_can_be_installed(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    up(engine)
    command = ["pip", "download", "--quiet", "--no-deps", "--dest", "/tmp", "six"]
    code, output = editor(client, options).exec_run(command)
    assert code == 0, output


def test_a_workspace_has_no_rights(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    up(engine)
    container = editor(client, options)
    status = "print(*[line.split()[1] for line in open('/proc/self/status') if line[:3] == 'Cap'])"
    assert set(inside(container, status).split()) == {"0" * 16}

    def refused(program: str) -> str:
        return inside(
            container, f"import os, socket\ntry: {program}\nexcept OSError as e: print(e.strerror)"
        )

    assert refused("os.kill(1, 9)") == "Operation not permitted"
    assert refused("open('/proc/1/environ')") == "Permission denied"
    assert refused("open('/etc/new', 'w')") in ("Permission denied", "Read-only file system")
    assert refused("open('/var/lib/new', 'w')") in ("Permission denied", "Read-only file system")
    assert refused("open('/var/run/docker.sock')") == "No such file or directory"
    assert refused("socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)") == "Operation not permitted"
    assert refused("os.setuid(0)") == "Operation not permitted"
    limits = "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))"
    assert inside(container, limits) == "(16384, 16384) (0, 0)"
    held = container.attrs["HostConfig"]
    assert (held["NanoCpus"], held["Memory"], held["MemorySwap"], held["PidsLimit"]) == (
        10**9,
        256 * 2**20,
        256 * 2**20,
        1024,
    )


def test_what_a_challenge_says_of_its_size_goes_before(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    up(engine, spec(cpus=0.5, memory_mb=128))
    held = editor(client, options).attrs["HostConfig"]
    assert (held["NanoCpus"], held["Memory"]) == (5 * 10**8, 128 * 2**20)


def test_a_full_disk_is_full_for_nobody_else(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace, neighbour = up(engine), up(engine, spec("takehome-2"))
    fill = """
import errno, sys
size = 0
with open(sys.argv[1], 'wb', buffering=0) as file:
    while True:
        try:
            size += file.write(bytes(2**20))
        except OSError as error:
            print(errno.errorcode[error.errno], size // 2**20)
            break
        assert size < 2**30
"""
    free = shutil.disk_usage("/").free
    said, size = inside(editor(client, options), fill, "/home/coder/project/big").split()
    assert (said, 20 < int(size) < 32) == ("ENOSPC", True)
    said, size = inside(editor(client, options), fill, "/tmp/big").split()
    assert (said, size) == ("ENOSPC", "64")
    assert free - shutil.disk_usage("/").free < 2**30
    write = "open('new', 'wb').write(bytes(2**20)); print('written')"
    assert inside(editor(client, options, "takehome-2"), write) == "written"
    assert engine.is_ready(workspace) and engine.is_ready(neighbour)
    # It is saved, and starts again, as full as it is.
    inside(editor(client, options), "import os; os.remove('/tmp/big')")
    engine.export(workspace, tmp_path / "x.tar.gz")
    up(engine, spec(files=None))


BOMB = """
import os, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        pass
"""
BURN = """
import os, time
end = time.monotonic() + 20
for _ in range(8):
    os.fork()
while time.monotonic() < end:
    pass
"""
EAT = """
import time
held, end = [], time.monotonic() + 20
while time.monotonic() < end:
    held.append(bytearray(2**24))
"""


@pytest.mark.parametrize("load", [BOMB, BURN, EAT], ids=["fork bomb", "processors", "memory"])
def test_what_one_workspace_does_leaves_its_neighbour_and_the_platform_alone(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    load: str,
    tmp_path: Path,
) -> None:
    workspace, neighbour = up(engine), up(engine, spec("takehome-2"))
    editor(client, options).exec_run(["python3", "-c", load], detach=True)
    slowest = 0.0
    until = time.monotonic() + 10
    while time.monotonic() < until:
        began = time.monotonic()
        assert engine.is_ready(neighbour)
        assert len(engine.list_owned()) == 2
        slowest = max(slowest, time.monotonic() - began)
    print(f"slowest answer {slowest:.2f} s")  # noqa: T201 - shown with -s
    assert slowest < 8
    engine.export(workspace, tmp_path / "x.tar.gz")
    engine.destroy(workspace, Lines())
    assert engine.is_ready(neighbour)

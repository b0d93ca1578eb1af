"""Which addresses a sidecar blocks, and when its probe finds an editor unresponsive."""

import shutil
import socket
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address
from typing import Any

import pytest

from operations.provisioners.docker.naming import format_time, names_of
from operations.provisioners.docker.options import EDITOR_PORT, read_options
from operations.provisioners.docker.sidecar import (
    PROBE_COMMAND,
    PROBE_UNAVAILABLE,
    STARTUP_TIME,
    Sidecar,
    is_unresponsive,
)
from tests.operations.provisioners.test_health_probe import server


def sidecar_of(settings: Any, **changes: Any) -> Sidecar:
    options = replace(read_options(settings, autosave_wait_seconds=0), **changes)
    client: Any = None
    return Sidecar(client, options, names_of("default", "Int-1"))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("169.254.169.254", id="metadata of a cloud"),
        pytest.param("203.0.113.77", id="what DOCKER_REFUSED adds"),
        pytest.param("198.51.100.9", id="other workspaces"),
        pytest.param("192.0.2.7", id="the engine's machine"),
        pytest.param("203.0.113.9", id="the address that browsers open"),
    ],
)
def test_workspace_cannot_reach(settings: Any, address: str) -> None:
    settings.DOCKER_REFUSED = ["203.0.113.77"]
    # No network of this one is blocked by default.
    subnets = IPv4Network("198.51.100.0/24")
    sidecar = sidecar_of(settings, subnets=subnets, url="http://203.0.113.9:{port}/")
    entries = sidecar._files("a password", datetime.now(UTC), ["192.0.2.7"])
    rules = next(each.content.decode() for each in entries if each.info.name == "takehome/rules")
    line = next(line for line in rules.splitlines() if "ip daddr" in line)
    ranges = line.partition("{")[2].partition("}")[0].split(",")
    assert any(ip_address(address) in IPv4Network(each.strip()) for each in ranges)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://workspaces.example.com:{port}/", "workspaces.example.com"),
        ("https://{name}.workspaces.example.com/", "int-1.workspaces.example.com"),
        ("https://someone@workspaces.example.com/{port}/", "workspaces.example.com"),
    ],
)
def test_public_addresses_are_those_of_the_host_that_browsers_open(
    settings: Any, monkeypatch: pytest.MonkeyPatch, url: str, host: str
) -> None:
    asked = []

    def getaddrinfo(name: str, *kinds: Any) -> list[Any]:
        asked.append((name, *kinds))
        return [(None, None, None, "", ("203.0.113.9", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert sidecar_of(settings, url=url)._public_addresses() == ["203.0.113.9"]
    assert asked == [(host, None, socket.AF_INET, socket.SOCK_STREAM)]


def test_unknown_host_has_no_public_address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: Any) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert sidecar_of(settings)._public_addresses() == []


class Editor:
    """An editor container of this age."""

    def __init__(self, age: timedelta) -> None:
        self.attrs = {"State": {"StartedAt": format_time(datetime.now(UTC) - age)}}


class FakeContainer:
    """A sidecar in which every program has this exit code, and whose output is lost."""

    def __init__(self, code: int) -> None:
        self._code = code

    def exec_run(self, command: list[str]) -> tuple[int, bytes]:
        return self._code, b""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, False),
        # Another status, or refused; no response in time.
        (1, True),
        (124, True),
        # The image has no such program.
        (126, False),
        (127, False),
    ],
)
def test_editor_is_unresponsive_if_the_probe_ran_and_failed(code: int, expected: bool) -> None:
    sidecar: Any = FakeContainer(code)
    old: Any = Editor(STARTUP_TIME + timedelta(seconds=5))
    assert is_unresponsive(sidecar, old) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 0),
        (b"HTTP/1.0 200 OK\r\n\r\n", 0),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", 1),
        (b"HTTP/1.1 2", 1),
        (b"", 1),
    ],
)
def test_probe_ends_with_success_for_status_200_alone(answer: bytes, expected: int) -> None:
    with server(answer) as port:
        command = PROBE_COMMAND.replace(f"/{EDITOR_PORT};", f"/{port};")
        assert subprocess.run(["bash", "-c", command], check=False).returncode == expected


def test_probe_without_its_program_says_so() -> None:
    with server(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        command = PROBE_COMMAND.replace(f"/{EDITOR_PORT};", f"/{port};")
        bash = shutil.which("bash") or ""
        done = subprocess.run([bash, "-c", command], env={"PATH": "/nowhere"}, check=False)
    assert done.returncode in PROBE_UNAVAILABLE


def test_editor_that_is_still_starting_is_not_unresponsive() -> None:
    sidecar: Any = FakeContainer(1)
    young: Any = Editor(STARTUP_TIME - timedelta(seconds=30))
    assert is_unresponsive(sidecar, young) is False

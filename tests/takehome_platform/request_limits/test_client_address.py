"""Whose request it is, behind proxies that write a visitor's address in different ways."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from takehome_platform.request_limits import client_address
from takehome_platform.request_limits.client_address import parse_client_address
from tests.takehome_platform.request_limits.test_server import Connection


@pytest.fixture(autouse=True)
def no_warning_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_address, "_has_warned", False)


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    connection.application.proxy_forwarded_address_header = "X-Forwarded-For"
    yield connection
    connection.channel.connectionLost(None)


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:52800", "203.0.113.7"),
        ("203.0.113.7:52800, 10.0.0.1:80", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:52800", "2001:db8::7"),
        ('"[2001:db8::7]:52800"', "2001:db8::7"),
        # One visitor has one count, in whatever notation a proxy writes the address.
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::FFFF:cb00:7107]:52800", "203.0.113.7"),
        ("2001:DB8:0::0:7", "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7"),
        ("fe80::7%any\ttext at all", "fe80::7"),
        ("", None),
        ("unknown", None),
        ("_hidden:1", None),
        ("visitor.example.com:80", None),
        ("203.0.113.777:1", None),
        ("[]:1", None),
    ],
)
def test_address_of_a_header(header: str, address: str | None) -> None:
    assert parse_client_address(header) == address


def address_told(connection: Connection, header: bytes) -> str:
    """The address that the application is told for a request with that header."""
    connection.send(b"GET / HTTP/1.1\r\nX-Forwarded-For: " + header + b"\r\n\r\n")
    address: str = connection.application.scopes[-1]["client"][0]
    return address


@pytest.mark.parametrize("header", [b"203.0.113.7:52800", b"[2001:db8::7]:52800"])
def test_port_is_no_part_of_an_address(connection: Connection, header: bytes) -> None:
    assert address_told(connection, header) in {"203.0.113.7", "2001:db8::7"}


@pytest.mark.parametrize("header", [b"unknown", b"", b"\xff\xfe"])
def test_what_is_no_address_counts_by_the_peer(connection: Connection, header: bytes) -> None:
    peer = connection.transport.getPeer().host
    assert address_told(connection, header) == peer


def test_it_is_logged_once(connection: Connection) -> None:
    with capture_logs() as logs:
        address_told(connection, b"unknown")
    assert [(entry["event"], entry["header"]) for entry in logs] == [
        ("forwarded_address_unreadable", "unknown")
    ]
    other = Connection()
    other.application.proxy_forwarded_address_header = "X-Forwarded-For"
    with capture_logs() as logs:
        address_told(other, b"unknown")
    other.channel.connectionLost(None)
    assert logs == []


def test_header_is_not_read_without_a_proxy(connection: Connection) -> None:
    connection.application.proxy_forwarded_address_header = None
    assert address_told(connection, b"203.0.113.7") == connection.transport.getPeer().host

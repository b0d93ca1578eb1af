"""A message may only go to public addresses."""

import socket
import threading
from ipaddress import ip_address

import pytest

from operations.webhooks import address_check
from operations.webhooks.address_check import SendError

PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "2606:2800:220:1::1",
    "64:ff9b::93.184.216.34",
]
NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:5db8:d822::1",
    "2002:a00:1::",
    # Teredo: the server's address, and the client's address with inverted bits.
    "2001:0:7f00:1::",
    "2001:0:102:304:0:0:f5ff:fffe",
]
METADATA = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::169.254.169.254",
    "fd00:ec2::254",
    # Credentials of containers on Amazon ECS and EKS; the metadata services of Google, Scaleway,
    # Azure, Alibaba and Oracle.
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::23",
    "fd20:ce::254",
    "169.254.42.42",
    "fd00:42::42",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
]


NO_PASSWORD = "The address can't contain a username or password."
NO_FRAGMENT = "Remove the #fragment from the address. It wouldn't be sent."
UNREADABLE = "This isn't a valid address. Check its host and port."
LONGEST = "https://hooks.example.com/".ljust(2000, "a")
ASCII_ALONE = (
    "Use only ASCII characters in the address. Write others as %C3%A9 in a path and as xn--… "
    "in a host name."
)


def refusal(work):
    with pytest.raises(SendError) as refused:
        work()
    return str(refused.value)


def resolve_to(monkeypatch, *addresses):
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: list(addresses))


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_public(text):
    assert address_check.is_public(ip_address(text))


@pytest.mark.parametrize("text", [*NOT_PUBLIC, *METADATA])
def test_non_public_address_is_refused(monkeypatch, text):
    resolve_to(monkeypatch, text)
    assert "hooks.example.com leads to" in refusal(
        lambda: address_check.resolve_public_addresses("hooks.example.com", 443)
    )


def test_refusal_names_the_setting_that_allows_it(monkeypatch):
    resolve_to(monkeypatch, "10.0.0.5")
    assert refusal(lambda: address_check.resolve_public_addresses("hooks.example.com", 443)) == (
        "hooks.example.com leads to 10.0.0.5, which isn't a public address. "
        "(Set WEBHOOK_ALLOW_PRIVATE=true to allow it.)"
    )


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_setting_allows_private_addresses(monkeypatch, settings, text):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    resolve_to(monkeypatch, text)
    assert address_check.resolve_public_addresses("hooks.example.com", 443) == [
        str(ip_address(text))
    ]


@pytest.mark.parametrize("text", METADATA)
def test_metadata_service_is_never_allowed(monkeypatch, settings, text):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    resolve_to(monkeypatch, text)
    assert refusal(lambda: address_check.resolve_public_addresses("hooks.example.com", 443)) == (
        "hooks.example.com leads to a cloud's metadata service, which is never allowed."
    )


def test_host_with_one_private_address_is_refused(monkeypatch):
    resolve_to(monkeypatch, "93.184.216.34", "10.0.0.5")
    assert "10.0.0.5" in refusal(
        lambda: address_check.resolve_public_addresses("hooks.example.com", 443)
    )


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "0",
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0177.0.0.01",
        "0x7f.1",
        "0x7F000001",
        "0x7f.0x0.0x0.0x1",
        "0xa.1.2.3",
        "192.168.257",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
        "[::FFFF:0A01:0203]",
    ],
)
def test_other_spellings_of_internal_addresses_are_refused(host):
    """From the URL on, as the webhook's owner writes it."""
    assert "which isn't a public address" in refusal(
        lambda: address_check.resolve_public_addresses(
            *address_check.check_url(f"https://{host}:8443/")
        )
    )


@pytest.mark.parametrize(
    "host",
    ["169.254.43518", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]"],
)
def test_other_spellings_of_the_metadata_service_are_refused(host, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert "which is never allowed" in refusal(
        lambda: address_check.resolve_public_addresses(
            *address_check.check_url(f"https://{host}/latest/meta-data/")
        )
    )


def test_unknown_host_is_reported(monkeypatch):
    def unknown(host, port):
        raise OSError("Name or service not known")

    monkeypatch.setattr(address_check, "_getaddrinfo", unknown)
    assert refusal(lambda: address_check.resolve_public_addresses("nowhere.example.com", 443)) == (
        "We couldn't find nowhere.example.com. Check the address."
    )


def test_host_without_an_address_is_reported(monkeypatch):
    resolve_to(monkeypatch)
    assert refusal(lambda: address_check.resolve_public_addresses("hooks.example.com", 443)) == (
        "We couldn't find hooks.example.com. Check the address."
    )


def test_host_is_resolved_for_its_port_and_each_address_is_checked_once(monkeypatch):
    asked = []

    def getaddrinfo(host, port, **options):
        asked.append((host, port, options))
        return [(None, None, None, "", (text, port)) for text in ("1.1.1.1", "1.0.0.1", "1.1.1.1")]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    found = address_check.resolve_public_addresses("hooks.example.com", 8443)
    assert found == ["1.1.1.1", "1.0.0.1"]
    assert asked == [("hooks.example.com", 8443, {"type": socket.SOCK_STREAM})]


def test_dns_lookup_times_out(monkeypatch):
    over = threading.Event()

    def silent(host, port):
        over.wait(30)
        return []

    monkeypatch.setattr(address_check, "_getaddrinfo", silent)
    monkeypatch.setattr(address_check, "LOOKUP_TIMEOUT_SECONDS", 0.05)
    try:
        assert refusal(lambda: address_check.resolve_public_addresses("slow.example.com", 443)) == (
            "Looking up slow.example.com took too long."
        )
        # The process can end while its system still waits for an answer.
        assert any(each.name == "look-up" and each.daemon for each in threading.enumerate())
    finally:
        over.set()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "http://hooks.example.com/",
            "The address must start with https://. Others could read what is sent over http.",
        ),
        ("ftp://hooks.example.com/", "The address must start with https:// and a host name."),
        ("file:///etc/passwd", "The address must start with https:// and a host name."),
        ("hooks.example.com", "The address must start with https:// and a host name."),
        ("https://", "The address must start with https:// and a host name."),
        ("https://user@hooks.example.com/", NO_PASSWORD),
        ("https://:secret@hooks.example.com/", NO_PASSWORD),
        ("https://hooks.example.com/#part", NO_FRAGMENT),
        ("https://hooks.example.com:99999/", UNREADABLE),
        ("https://hooks.example.com:port/", UNREADABLE),
        ("https://hooks.example.com:0/", "Port 0 isn't valid."),
        ("https://[::1/", UNREADABLE),
        ("https://hooks.example.com/a b", ASCII_ALONE),
        ("https://hooks.example.com/\r\nX: 1", ASCII_ALONE),
        ("https://höoks.example.com/", ASCII_ALONE),
        (f"{LONGEST}a", "Enter an address of 2000 characters or fewer."),
    ],
)
def test_invalid_url_is_reported(url, sentence):
    assert refusal(lambda: address_check.check_url(url)) == sentence


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.example.com/in?key=1", ("hooks.example.com", 443)),
        ("https://Hooks.Example.com:8443", ("hooks.example.com", 8443)),
        (LONGEST, ("hooks.example.com", 443)),
        ("https://[2606:2800:220:1::1]/", ("2606:2800:220:1::1", 443)),
    ],
)
def test_url_is_split_into_host_and_port(url, expected):
    assert address_check.check_url(url) == expected


@pytest.mark.parametrize("allowed_by", ["DEBUG", "WEBHOOK_ALLOW_PRIVATE"])
def test_plain_http_needs_a_setting(settings, allowed_by):
    setattr(settings, allowed_by, True)
    assert address_check.check_url("http://hooks.example.com/") == ("hooks.example.com", 80)

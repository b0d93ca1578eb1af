"""Which addresses a message may be sent to: what is on the internet, and nothing else, unless
WEBHOOK_ALLOW_PRIVATE says so. Names are looked up here, once for each connection."""

import queue
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

Address = IPv4Address | IPv6Address

LOOK_UP_WITHIN = 3.0  # seconds
MAX_URL = 2000

# What clouds tell their machines about themselves: passwords among it. Never allowed.
METADATA = tuple(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "169.254.42.42",
        "fd00:42::42",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
    )
)
# Not global by their registries, whatever this version of Python thinks of them.
NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "64:ff9b:1::/48",
        "3fff::/20",
        "fec0::/10",
        # 6to4, which nobody routes any more.
        "2002::/16",
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
# The same within one network.
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
IPV4_COMPATIBLE = IPv6Network("::/96")


def check_url(url: str) -> tuple[str, int]:
    """Its host and port. SendError: it is none that may be sent to, whatever its name leads to."""
    if len(url) > MAX_URL:
        raise SendError(f"The address is longer than {MAX_URL} characters.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise SendError(
            "The address may hold ASCII characters alone: write others as %C3%A9 in a path, "
            "and as xn--… in a host name."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SendError("This is no address: its host or its port cannot be read.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SendError("The address must start with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise SendError("The address must not hold a user name or a password.")
    if parts.fragment:
        raise SendError("The address must not hold a #fragment: it would not be sent.")
    if parts.scheme == "http" and not (settings.DEBUG or settings.WEBHOOK_ALLOW_PRIVATE):
        raise SendError("The address must start with https://: plain http can be read on its way.")
    if port == 0:
        raise SendError("There is no port 0.")
    return host, port or (443 if parts.scheme == "https" else 80)


def look_up(host: str, port: int) -> list[str]:
    """The addresses that a name leads to, all of which may be connected to. SendError: one of
    them may not, or there is none."""
    found = [ip_address(text) for text in _resolve(host, port)]
    if not found:
        raise SendError(f"No address is known for {host}.")
    for address in found:
        check_address(address, host)
    return [str(address) for address in found]


def check_address(address: Address, host: str) -> None:
    """CannotSend: nothing may be sent there."""
    inner = [address, *_embedded(address)]
    if any(each in METADATA for each in inner):
        raise SendError(f"{host} leads to the metadata of a cloud, which is never allowed.")
    if not settings.WEBHOOK_ALLOW_PRIVATE and not is_public(address):
        raise SendError(
            f"{host} leads to {address}, which is not an address of the internet; "
            "WEBHOOK_ALLOW_PRIVATE=true would allow it."
        )


def is_public(address: Address) -> bool:
    """Is it an address of somebody on the internet, and no way around to another one?"""
    inner = _embedded(address)
    if inner and not all(is_public(each) for each in inner):
        return False
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64):
        return True
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in NOT_PUBLIC)
    )


def _embedded(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one may be a way to."""
    if isinstance(address, IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64 or address in LOCAL_NAT64 or address in IPV4_COMPATIBLE:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inner if each is not None]


def _resolve(host: str, port: int) -> list[str]:
    """As the machine resolves names, but not for longer than LOOK_UP_WITHIN. SendError."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = _getaddrinfo(host, port)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put(found)

    # A thread of its own: nothing else ends the wait for a server of names that is silent.
    threading.Thread(target=ask, daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=LOOK_UP_WITHIN)
    except queue.Empty:
        raise SendError(f"Looking up {host} took too long.") from None
    if isinstance(answer, Exception):
        raise SendError(f"No address is known for {host}.")
    return answer


def _getaddrinfo(host: str, port: int) -> list[str]:
    """Each address once, in the order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class SendError(Exception):
    """It cannot be sent to this address; the text is a sentence for the person who set it up."""

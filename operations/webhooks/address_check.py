"""Check that a message goes to the internet only, unless WEBHOOK_ALLOW_PRIVATE is set.

Each connection resolves its host name here once, and uses only the checked addresses.
"""

import queue
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = IPv4Address | IPv6Address

LOOKUP_TIMEOUT_SECONDS = 3.0
MAX_URL_LENGTH = 2000

# The metadata services of clouds, which return credentials. Never allowed.
METADATA_ADDRESSES = tuple(
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
# Not global according to the IANA registries; Python's own list depends on its version.
NON_PUBLIC_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "64:ff9b:1::/48",
        "3fff::/20",
        "fec0::/10",
        # 6to4, which is no longer routed.
        "2002::/16",
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
# NAT64 with a local prefix.
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
IPV4_COMPATIBLE = IPv6Network("::/96")


def check_url(url: str) -> tuple[str, int]:
    """Return the URL's host and port; does not resolve the host.

    Raises:
        SendError: if the URL is not allowed.
    """
    if len(url) > MAX_URL_LENGTH:
        raise SendError(
            _("Enter an address of %(limit)s characters or fewer.") % {"limit": MAX_URL_LENGTH}
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise SendError(
            _(
                "Use only ASCII characters in the address. Write others as %(path)s in a path and "
                "as xn--… in a host name."
            )
            % {"path": "%C3%A9"}
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SendError(_("This isn't a valid address. Check its host and port.")) from None
    if parts.scheme not in ("http", "https") or not host:
        raise SendError(_("The address must start with https:// and a host name."))
    if parts.username is not None or parts.password is not None:
        raise SendError(_("The address can't contain a username or password."))
    if parts.fragment:
        raise SendError(_("Remove the #fragment from the address. It wouldn't be sent."))
    if parts.scheme == "http" and not (settings.DEBUG or settings.WEBHOOK_ALLOW_PRIVATE):
        raise SendError(
            _("The address must start with https://. Others could read what is sent over http.")
        )
    if port == 0:
        raise SendError(_("Port 0 isn't valid."))
    return host, port or (443 if parts.scheme == "https" else 80)


def resolve_public_addresses(host: str, port: int) -> list[str]:
    """Resolve a host and return its addresses, all of them allowed.

    Raises:
        SendError: if there is no address, or one of them is not allowed.
    """
    addresses = [ip_address(text) for text in _resolve_host(host, port)]
    if not addresses:
        raise SendError(_("We couldn't find %(host)s. Check the address.") % {"host": host})
    for address in addresses:
        check_address(address, host)
    return [str(address) for address in addresses]


def check_address(address: Address, host: str) -> None:
    """Check one address that `host` resolves to.

    Raises:
        SendError: if it is not allowed.
    """
    all_addresses = [address, *_embedded_ipv4(address)]
    if any(each in METADATA_ADDRESSES for each in all_addresses):
        raise SendError(
            _("%(host)s leads to a cloud's metadata service, which is never allowed.")
            % {"host": host}
        )
    if not settings.WEBHOOK_ALLOW_PRIVATE and not is_public(address):
        raise SendError(
            _(
                "%(host)s leads to %(address)s, which isn't a public address. "
                "(Set WEBHOOK_ALLOW_PRIVATE=true to allow it.)"
            )
            % {"host": host, "address": address}
        )


def is_public(address: Address) -> bool:
    """Return whether it is an address of the internet that does not embed a private one."""
    embedded = _embedded_ipv4(address)
    if embedded and not all(is_public(each) for each in embedded):
        return False
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in NAT64):
        return True
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in NON_PUBLIC_NETWORKS)
    )


def _embedded_ipv4(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address may be translated to."""
    if isinstance(address, IPv4Address):
        return []
    embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64 or address in LOCAL_NAT64 or address in IPV4_COMPATIBLE:
        embedded.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in embedded if each is not None]


def _resolve_host(host: str, port: int) -> list[str]:
    """Resolve a host with the system's resolver, within LOOKUP_TIMEOUT_SECONDS.

    Raises:
        SendError: if that fails or takes longer.
    """
    results: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            addresses = _getaddrinfo(host, port)
        except (OSError, UnicodeError) as error:
            results.put(error)
        else:
            results.put(addresses)

    # getaddrinfo has no timeout, so it runs in a thread that can be abandoned.
    threading.Thread(target=resolve, daemon=True, name="look-up").start()
    try:
        result = results.get(timeout=LOOKUP_TIMEOUT_SECONDS)
    except queue.Empty:
        raise SendError(_("Looking up %(host)s took too long.") % {"host": host}) from None
    if isinstance(result, Exception):
        raise SendError(_("We couldn't find %(host)s. Check the address.") % {"host": host})
    return result


def _getaddrinfo(host: str, port: int) -> list[str]:
    """Return the distinct addresses in the system's order of preference."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class SendError(Exception):
    """A message cannot be sent to this address; the text tells the webhook's owner why."""

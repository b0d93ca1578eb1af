"""The visitor's address, as a proxy writes it into `X-Forwarded-For`.

Limits are counted per address, so what is none must not become one: all visitors whose address
cannot be read would share a count, and ten wrong passcodes of one would lock out the others.
"""

import re
from ipaddress import ip_address

import structlog

log = structlog.get_logger(__name__)

# `address:port` and `[v6]:port`, as Azure writes them; RFC 7239 adds quotes. An IPv6 address
# without brackets has several colons, so it cannot be told from one with a port.
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d*)?|(?P<v4>[^:]*):\d*")
MAX_LOGGED = 60

_has_warned = False


def parse_client_address(text: str) -> str | None:
    """Return the address without its port and zone, or None if there is no IP address.

    An IPv4 address that is mapped to IPv6 is returned as IPv4, so that a visitor has one count.

    Of a list it is the first one, as Daphne reads it: that is the visitor if the proxy overwrites
    the header.
    """
    text = text.partition(",")[0].strip().strip('"')
    if match := WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"] or ""
    try:
        # A zone may be any text, and has a meaning on the proxy's machine only (RFC 4007, 11.2).
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def warn_once(header: str) -> None:
    """Log the first header of this process that has no address: each request may have one."""
    global _has_warned
    if not _has_warned:
        _has_warned = True
        log.warning(
            "forwarded_address_unreadable",
            header=header[:MAX_LOGGED],
            counted_by="the address of the proxy",
        )

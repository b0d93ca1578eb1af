"""Limits for wrong passcodes: per address, per site of an IPv6 customer, and for all together.

A passcode has 40 bits, so one address cannot guess one. Thousands of addresses could, and whoever
has an IPv6 connection has 65,536 networks. While wrong passcodes arrive from everywhere, an
address therefore has one guess in ten minutes. Nobody is locked out by that: a right passcode needs
no second guess, and a browser that opened its test before is not asked.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

import structlog

from operations import rate_limit

log = structlog.get_logger(__name__)

# Of wrong passcodes, per minute where nothing else is said.
MAX_PER_ADDRESS = 10
MAX_PER_SITE = 50
MAX_IN_ALL = 300
BRAKED_MINUTES = 10


@dataclass(frozen=True)
class _Limit:
    name: str
    key: str
    attempts: int
    minutes: int = 1

    def retry_after(self) -> int | None:
        return rate_limit.retry_after(self.name, self.key, self.attempts, self.minutes)

    def record_attempt(self) -> int | None:
        return rate_limit.record_attempt(self.name, self.key, self.attempts, self.minutes)


def wait_before_guess(address: str) -> int | None:
    """The seconds until this address may try a passcode, or None. Counts nothing."""
    waits = [limit.retry_after() for limit in _own_limits(address)]
    braked = _braked(address).retry_after()
    if braked is not None and _in_all().retry_after() is not None:
        waits.append(braked)
    return max((wait for wait in waits if wait is not None), default=None)


def record_wrong_guess(address: str) -> int | None:
    """Count a wrong passcode. Returns the seconds to wait if it exceeds a limit, else None."""
    waits = [limit.record_attempt() for limit in _own_limits(address)]
    braked = _braked(address).record_attempt()
    if _in_all().record_attempt() is not None:
        log.warning("passcodes_guessed", per_minute=MAX_IN_ALL)
        waits.append(braked)
    return max((wait for wait in waits if wait is not None), default=None)


def _own_limits(address: str) -> list[_Limit]:
    limits = [_Limit("passcode", rate_limit.client_network(address), MAX_PER_ADDRESS)]
    if site := _ipv6_site(address):
        limits.append(_Limit("passcode-site", site, MAX_PER_SITE))
    return limits


def _braked(address: str) -> _Limit:
    return _Limit("passcode-braked", rate_limit.client_network(address), 1, BRAKED_MINUTES)


def _in_all() -> _Limit:
    return _Limit("passcode-in-all", "all", MAX_IN_ALL)


def _ipv6_site(address: str) -> str | None:
    """The /48 of an IPv6 address: what one customer may have, with all its /64 networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if not isinstance(parsed, IPv6Address) or parsed.ipv4_mapped:
        return None
    return str(ip_network((parsed, 48), strict=False))

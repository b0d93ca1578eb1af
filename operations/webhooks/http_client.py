"""One POST: to an address that was checked, within a time, reading no more than a little.

No redirect is followed, no proxy of the environment used, and nothing of the answer is kept.
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpcore

from operations.webhooks import address_check
from operations.webhooks.address_check import SendError

CONNECT_WITHIN = 3.0  # seconds
ALL_WITHIN = 10.0  # seconds, from the look-up of the name to the end of the answer
MOST_READ = 64 * 1024  # bytes
# An answer may ask for a later attempt, but not for one so late that it is as good as never.
LATEST_RETRY = 6 * 60 * 60  # seconds

GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `error` is a sentence, also on what was odd about a success."""

    duration_ms: int
    status_code: int | None = None
    error: str = ""
    # Seconds for which the receiver asked to be left alone.
    retry_after: int = 0

    @property
    def is_delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


def post_json(url: str, body: str, headers: Mapping[str, str]) -> Outcome:
    """Raises nothing that the address or the receiver can cause."""
    begun = time.monotonic()
    deadline = begun + ALL_WITHIN
    status_code, error, retry_after = None, "", 0
    try:
        address_check.check_url(url)
        target, host = _parts(url)
        with (
            httpcore.ConnectionPool(
                ssl_context=tls(), network_backend=Checked(deadline), max_connections=1
            ) as connections,
            connections.stream(
                "POST",
                target,
                headers=[*headers.items(), *ABOUT_US.items(), ("host", host)],
                content=body.encode(),
                extensions={"timeout": {"connect": CONNECT_WITHIN, "pool": CONNECT_WITHIN}},
            ) as answer,
        ):
            status_code = answer.status
            retry_after = _retry_after(answer.headers)
            error = _in_words(status_code) or _read(answer.iter_stream())
    except SendError as refusal:
        error = str(refusal)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as failure:
        error = _why(failure)
    took = round((time.monotonic() - begun) * 1000)
    return Outcome(took, status_code, error, retry_after)


ABOUT_US = {
    "content-type": "application/json",
    "user-agent": "Takehome-Platform-Webhooks/1",
    "accept": "*/*",
    "connection": "close",
}


@cache
def tls() -> ssl.SSLContext:
    """Certificates are checked against the authorities of this machine, for the address's name."""
    return ssl.create_default_context()


class Checked(httpcore.SyncBackend):
    """Looks each name up once, checks every address, and connects to those and no others: what
    the name leads to a moment later does not matter."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectTimeout()
        found = address_check.look_up(host, port)
        until = min(self._deadline, time.monotonic() + CONNECT_WITHIN)
        for tried, address in enumerate(found):
            # One that is silent leaves the others their share.
            share = (until - time.monotonic()) / (len(found) - tried)
            if share <= 0:
                break
            try:
                stream = super().connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return Bounded(stream, self._deadline)
        raise failure


class Bounded(httpcore.NetworkStream):
    """A connection on which nothing lasts beyond the deadline, however slowly it trickles."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return Bounded(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _parts(url: str) -> tuple[httpcore.URL, str]:
    """The address for the client, and what the Host header says."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = f"[{host}]" if ":" in host else host
    return (
        httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=target),
        named if parts.port is None else f"{named}:{parts.port}",
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout()
    return left


def _read(parts: Iterable[bytes]) -> str:
    """Hear the answer out, within reason; a sentence where that was not to its end."""
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > MOST_READ:
                return f"Of its answer, {MOST_READ // 1024} KB were read: there was more."
    except httpcore.TimeoutException:
        return f"Its answer did not come to an end within {ALL_WITHIN:.0f} seconds."
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return "Its answer broke off."
    return ""


def _in_words(status_code: int) -> str:
    if 200 <= status_code < 300:
        return ""
    if 300 <= status_code < 400:
        return f"It answered {status_code}, which leads elsewhere: redirects are not followed."
    with contextlib.suppress(ValueError):
        return f"It answered {status_code} {HTTPStatus(status_code).phrase}."
    return f"It answered {status_code}."


def _why(failure: Exception) -> str:
    cause = failure.__cause__ or failure.__context__ or failure
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"Its certificate cannot be trusted: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return "It does not speak TLS as it should."
    if isinstance(failure, httpcore.ConnectTimeout):
        return f"It could not be connected to within {CONNECT_WITHIN:.0f} seconds."
    if isinstance(cause, ConnectionRefusedError):
        return "Nothing listens there: the connection was refused."
    if isinstance(failure, httpcore.ConnectError):
        return "It could not be connected to."
    if isinstance(failure, httpcore.TimeoutException):
        return f"It did not answer within {ALL_WITHIN:.0f} seconds."
    if isinstance(failure, httpcore.NetworkError) or "disconnected" in str(failure):
        return "The connection broke off before an answer came."
    return "What it answered is not HTTP."


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Dates, which it may be as well, are left to the usual times."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(int(value[:9]), LATEST_RETRY)
    return 0

"""Send one POST to checked addresses, with a total timeout and a limit for the response's size.

The client follows no redirects, ignores proxies from the environment, and discards the response.
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

CONNECT_TIMEOUT_SECONDS = 3.0
# From resolving the host to the end of the response.
TOTAL_TIMEOUT_SECONDS = 10.0
MAX_RESPONSE_BYTES = 64 * 1024
# A longer Retry-After is reduced to this.
MAX_RETRY_AFTER_SECONDS = 6 * 60 * 60

HTTP_GONE = 410


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt; a success may have an `error` sentence, too."""

    duration_ms: int
    status_code: int | None = None
    error: str = ""
    # Seconds, from the Retry-After header.
    retry_after: int = 0

    @property
    def is_delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


def post_json(url: str, body: str, headers: Mapping[str, str]) -> Outcome:
    """Send the body; errors of the address or the receiver become part of the outcome."""
    started_at = time.monotonic()
    deadline = started_at + TOTAL_TIMEOUT_SECONDS
    status_code, error, retry_after = None, "", 0
    try:
        address_check.check_url(url)
        target, host = _split_url(url)
        with (
            httpcore.ConnectionPool(
                ssl_context=tls_context(),
                network_backend=CheckedBackend(deadline),
                max_connections=1,
            ) as connections,
            connections.stream(
                "POST",
                target,
                headers=[*headers.items(), *BASE_HEADERS.items(), ("host", host)],
                content=body.encode(),
                extensions={
                    "timeout": {"connect": CONNECT_TIMEOUT_SECONDS, "pool": CONNECT_TIMEOUT_SECONDS}
                },
            ) as response,
        ):
            status_code = response.status
            retry_after = _retry_after(response.headers)
            error = _status_sentence(status_code) or _drain_response(response.iter_stream())
    except SendError as refusal:
        error = str(refusal)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as failure:
        error = _failure_sentence(failure)
    duration_ms = round((time.monotonic() - started_at) * 1000)
    return Outcome(duration_ms, status_code, error, retry_after)


BASE_HEADERS = {
    "content-type": "application/json",
    "user-agent": "Takehome-Platform-Webhooks/1",
    "accept": "*/*",
    "connection": "close",
}


@cache
def tls_context() -> ssl.SSLContext:
    """Return a context that verifies certificates and host names with this machine's CAs."""
    return ssl.create_default_context()


class CheckedBackend(httpcore.SyncBackend):
    """Resolves a host once, checks all its addresses, and connects only to those.

    So DNS rebinding, a different answer a moment later, has no effect.
    """

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
        addresses = address_check.resolve_public_addresses(host, port)
        connect_deadline = min(self._deadline, time.monotonic() + CONNECT_TIMEOUT_SECONDS)
        for index, address in enumerate(addresses):
            # The remaining addresses share the remaining time, so that one cannot use up all of it.
            seconds = (connect_deadline - time.monotonic()) / (len(addresses) - index)
            if seconds <= 0:
                break
            try:
                stream = super().connect_tcp(address, port, timeout=seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream, self._deadline)
        raise failure


class DeadlineStream(httpcore.NetworkStream):
    """A connection that times out at the deadline, even if a slow peer keeps sending."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_seconds_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_seconds_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _seconds_left(self._deadline))
        return DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _split_url(url: str) -> tuple[httpcore.URL, str]:
    """Return the URL for the client and the value of the Host header."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    url_host = f"[{host}]" if ":" in host else host
    return (
        httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=target),
        url_host if parts.port is None else f"{url_host}:{parts.port}",
    )


def _seconds_left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout()
    return seconds


def _drain_response(parts: Iterable[bytes]) -> str:
    """Read the response up to MAX_RESPONSE_BYTES; return a sentence if it was not read fully."""
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > MAX_RESPONSE_BYTES:
                limit = MAX_RESPONSE_BYTES // 1024
                return f"Its response was longer than the {limit} KB that are read."
    except httpcore.TimeoutException:
        return f"Its response wasn't complete within {TOTAL_TIMEOUT_SECONDS:.0f} seconds."
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return "Its response broke off."
    return ""


def _status_sentence(status_code: int) -> str:
    if 200 <= status_code < 300:
        return ""
    if 300 <= status_code < 400:
        return f"It answered {status_code}, a redirect. Redirects aren't followed."
    with contextlib.suppress(ValueError):
        return f"It answered {status_code} {HTTPStatus(status_code).phrase}."
    return f"It answered {status_code}."


def _failure_sentence(failure: Exception) -> str:
    cause = failure.__cause__ or failure.__context__ or failure
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"Its certificate isn't trusted: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return "The TLS connection failed."
    if isinstance(failure, httpcore.ConnectTimeout):
        return f"The connection timed out after {CONNECT_TIMEOUT_SECONDS:.0f} seconds."
    if isinstance(cause, ConnectionRefusedError):
        return "The connection was refused."
    if isinstance(failure, httpcore.ConnectError):
        return "The connection failed."
    if isinstance(failure, httpcore.TimeoutException):
        return f"It didn't respond within {TOTAL_TIMEOUT_SECONDS:.0f} seconds."
    if isinstance(failure, httpcore.NetworkError) or "disconnected" in str(failure):
        return "The connection was closed before a response arrived."
    return "Its response wasn't HTTP."


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return Retry-After in seconds; 0 for a date, which falls back to the usual delays."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(int(value[:9]), MAX_RETRY_AFTER_SECONDS)
    return 0

"""What Daphne accepts of a request: how much, for how long, who parses it, and whose it is.

Daphne reads a whole body before it calls the application, and Twisted then parses forms on the
event loop: one large form would stop every page and stream of the process. So these classes leave
the parsing to Django, count while a body arrives, and end a request that takes too long.

A refused request is passed on with an empty body and its Content-Length, for which Django answers
413 (`middleware.py`). What the client still sends is discarded.
"""

import asyncio
import inspect
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote

import daphne.server
import structlog
from channels.db import database_sync_to_async
from daphne.http_protocol import HTTPFactory, WebRequest
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from twisted.web import http

from takehome_platform.request_limits.body_sizes import (
    MAX_BODY_BYTES,
    UploadPath,
    find_upload_path,
    may_upload,
)
from takehome_platform.request_limits.client_address import parse_client_address, warn_once

log = structlog.get_logger(__name__)

# The request line and all headers. nginx has the same limit.
MAX_HEADER_BYTES = 16 * 1024
MAX_HEADERS = 100
# Seconds without a byte from the client, while the server waits for a request.
IDLE_SECONDS = 30.0
# Seconds from the first byte of a request to the last one of its headers, and from there to the
# last one of its body. They hold for reading only: a stream may last as long as it likes, which is
# why Daphne's --http-timeout stays unset.
HEADER_SECONDS = 20.0
BODY_SECONDS = 60.0
UPLOAD_SECONDS = 1800.0
# Seconds in which a refused client can still send, and read the response.
LINGER_SECONDS = 10.0

TIMEOUT_RESPONSE = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n"
    b"The request took too long to arrive: please try again.\n"
)


class BoundedRequest(WebRequest):
    """A request whose body is counted while it arrives, and which Twisted does not parse."""

    content: IO[bytes] | None

    def __init__(self, channel: "BoundedChannel", *args: Any) -> None:
        super().__init__(channel, *args, parsePOSTFormSubmission=False)
        self.is_refused = False
        self.is_complete = False
        self.received_bytes = 0
        self.max_bytes = MAX_BODY_BYTES
        self.upload_path: UploadPath | None = None

    def gotLength(self, length: int | None) -> None:
        """Called after the headers. The length is None if the body comes in chunks."""
        content_type = (self.getHeader(b"content-type") or b"").decode("latin-1")
        self.upload_path = find_upload_path(self.channel.requested_path, content_type)
        if length is not None and length > self.max_bytes:
            self._exceed(length)
        super().gotLength(0 if self.is_refused else length)

    def handleContentChunk(self, data: bytes) -> None:
        if self.is_refused:
            return
        self.received_bytes += len(data)
        if self.received_bytes > self.max_bytes:
            self._exceed(self.received_bytes)
        if not self.is_refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if self.requestHeaders.hasHeader(b"Transfer-Encoding"):
            # Django reads as many bytes as a Content-Length says, and refuses by it.
            self.requestHeaders.removeHeader(b"Transfer-Encoding")
            length = str(self.received_bytes).encode()
            self.requestHeaders.setRawHeaders(b"Content-Length", [length])
        if self.is_refused:
            self.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        self._clean_forwarded_address()
        self.is_complete = True
        super().requestReceived(command, path, version)

    def refuse(self) -> None:
        """Forget the body. The channel then treats the request as complete."""
        self.is_refused = True
        # No "100 Continue" for a body that nobody wants.
        self.requestHeaders.removeHeader(b"Expect")
        if self.content is not None:
            self.content.close()
        self.content = BytesIO()

    def _clean_forwarded_address(self) -> None:
        """Leave an address in the proxy's header, or nothing: Daphne takes what is there.

        Without the header it takes the address that the connection comes from.
        """
        setting = self.channel.factory.server.proxy_forwarded_address_header
        if not setting:
            return
        name = setting.encode()
        values = self.requestHeaders.getRawHeaders(name, [])
        if not values:
            return
        header = values[0].decode("latin-1")
        address = parse_client_address(header)
        if address is None:
            warn_once(header)
            self.requestHeaders.removeHeader(name)
        else:
            self.requestHeaders.setRawHeaders(name, [address.encode()])

    def _exceed(self, size: int) -> None:
        """Refuse the body, or ask whether the caller may upload that much here."""
        upload_path = self.upload_path
        if upload_path is None or size > upload_path.max_body:
            self.refuse()
        elif self.max_bytes != upload_path.max_body:
            # The channel reads nothing more before the answer, so this allows what it has read.
            self.max_bytes = upload_path.max_body
            self.channel.authorize_upload(self, upload_path)


class BoundedChannel(http.HTTPChannel):
    """A connection with limits for the size and the time of what it receives."""

    maxHeaders = MAX_HEADERS
    totalHeadersSize = MAX_HEADER_BYTES

    def __init__(self) -> None:
        super().__init__()
        self._deadline: Any = None
        self._is_discarding = False
        self._authorization: asyncio.Task[bool] | None = None

    @property
    def requested_path(self) -> str:
        """The path of the request that is being received, which Twisted tells only at its end."""
        target: bytes = self._path
        return unquote(target.partition(b"?")[0].decode("latin-1"))

    def dataReceived(self, data: bytes) -> None:
        if not self.requests and self._deadline is None:
            self._set_deadline(HEADER_SECONDS)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:
        self._set_deadline(BODY_SECONDS)
        super().allHeadersReceived()
        if self.requests[-1].is_refused:
            self.length = 0  # and so Twisted calls allContentReceived

    def rawDataReceived(self, data: bytes) -> None:
        if self._is_discarding:
            return
        super().rawDataReceived(data)
        if self.requests and self.requests[-1].is_refused and not self._is_discarding:
            self.allContentReceived()

    def allContentReceived(self) -> None:
        self._set_deadline(None)
        if self.requests[-1].is_refused:
            self._is_discarding = True
            self.persistent = False
        super().allContentReceived()

    def authorize_upload(self, request: BoundedRequest, upload_path: UploadPath) -> None:
        """Read nothing more until it is known whether the caller may upload."""
        self._set_deadline(UPLOAD_SECONDS)
        self._networkProducer.pauseProducing()
        headers = [
            (name, value)
            for name in (b"authorization", b"cookie")
            for value in request.requestHeaders.getRawHeaders(name, [])
        ]
        self._authorization = asyncio.ensure_future(_may_upload(headers, upload_path))
        self._authorization.add_done_callback(lambda task: self._continue(request, task))

    def _continue(self, request: BoundedRequest, task: "asyncio.Task[bool]") -> None:
        if task.cancelled() or request.channel is None:  # the client has left
            return
        # A short body in chunks may be complete by now; then Django alone refuses it.
        if not task.result() and not request.is_complete:
            request.refuse()
            self.allContentReceived()
        self._networkProducer.resumeProducing()

    def timeoutConnection(self) -> None:
        if self.requests:
            self.transport.write(TIMEOUT_RESPONSE)
        super().timeoutConnection()

    def loseConnection(self) -> None:
        """Close, but let a client that still sends read its response first.

        A socket that is closed with unread bytes resets the connection, and the reset may overtake
        the response.
        """
        half_close = getattr(self.transport, "loseWriteConnection", None)
        if not self._is_discarding or half_close is None:
            super().loseConnection()
            return
        self._networkProducer.unregisterProducer()
        half_close()
        self._deadline = self.callLater(LINGER_SECONDS, self.transport.abortConnection)

    def connectionLost(self, reason: Any) -> None:
        self._set_deadline(None)
        if self._authorization is not None:
            self._authorization.cancel()
        super().connectionLost(reason)

    def _set_deadline(self, seconds: float | None) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.callLater(seconds, self._time_out)

    def _time_out(self) -> None:
        self._deadline = None
        self.timeoutConnection()


class BoundedFactory(HTTPFactory):
    """Creates the channels. HTTP/2, which would need its own limits, is the proxy's."""

    protocol = BoundedChannel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = IDLE_SECONDS

    def buildProtocol(self, addr: Any) -> BoundedChannel:
        channel: BoundedChannel = super().buildProtocol(addr)
        channel.requestFactory = BoundedRequest
        return channel

    def acceptableProtocols(self) -> list[bytes]:
        return [b"http/1.1"]


def install() -> None:
    """Make every Daphne of this process use these classes: its command line and `runserver`.

    Daphne has no option for them. It looks its factory up when a server starts, which is after it
    has loaded the application.

    Raises:
        ImproperlyConfigured: if this Daphne or Twisted has changed.
    """
    parameters = inspect.signature(http.Request.__init__).parameters
    if "parsePOSTFormSubmission" not in parameters:
        raise ImproperlyConfigured(
            "This version of Twisted cannot leave the parsing of forms to Django: install the"
            " version in constraints.txt."
        )
    if not inspect.isclass(getattr(daphne.server, "HTTPFactory", None)):
        raise ImproperlyConfigured(
            "This version of Daphne has no HTTPFactory, without which a request has no limits:"
            " install the version in constraints.txt."
        )
    daphne.server.HTTPFactory = BoundedFactory


async def _may_upload(headers: list[tuple[bytes, bytes]], upload_path: UploadPath) -> bool:
    try:
        ask = database_sync_to_async(_ask_database, thread_sensitive=False)
        allowed: bool = await ask(headers, upload_path)
        return allowed
    except Exception:
        # Django has the same trouble with the request, and says what is wrong.
        log.exception("upload_authorization_failed")
        return False


def _ask_database(headers: list[tuple[bytes, bytes]], upload_path: UploadPath) -> bool:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    request = ASGIRequest(scope, BytesIO())
    for middleware in (SessionMiddleware, AuthenticationMiddleware):
        middleware(lambda _: HttpResponse()).process_request(request)
    return may_upload(request, upload_path)

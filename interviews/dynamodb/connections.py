"""One request and its answer over a connection of botocore's, without http.client and its parser.

botocore and urllib3 open the connections, with their time limits, certificates and proxies, and
keep them. An answer is read here only if it says how long it is, as those of DynamoDB do.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import BotoCoreError

RECEIVED_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Response:
    """Names of headers are in lower case."""

    status_code: int
    headers: dict[str, str]
    content: bytes


def exchange(session: Any, request: AWSPreparedRequest) -> Any:
    """Return the response to a request with a path and a body, or None if there is none.

    `session` is botocore's `URLLib3Session`. After None the request may have arrived or not.
    """
    proxy = session._proxy_config.proxy_url_for(request.url)
    pool = session._get_connection_manager(request.url, proxy).connection_from_url(request.url)
    connection = None
    # The first connections of a pool are botocore's, which sets the certificates.
    if proxy is None and pool.num_connections:
        connection = pool._get_conn()
        if connection.sock is None:
            pool._put_conn(connection)
            connection = None
    if connection is None:
        try:
            return session.send(request)
        except BotoCoreError:
            return None
    response = None
    try:
        response = _exchange(connection.sock, request)
    except (OSError, ValueError, LookupError):
        pass
    finally:
        if response is None or response.headers.get("connection", "").lower() == "close":
            connection.close()
        pool._put_conn(connection)
    return response


def _exchange(sock: Any, request: AWSPreparedRequest) -> Response:
    lines = [f"{request.method} {urlsplit(request.url).path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"content-length: {len(request.body)}", "", ""]
    sock.sendall("\r\n".join(lines).encode("latin-1") + request.body)
    received = _received(sock)
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _received(sock)
    head = received[:end].decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in head[1:])
    headers = {name.lower(): value.strip() for name, _, value in fields}
    length = int(headers["content-length"])
    parts, missing = [received[end + 4 :]], length - len(received) + end + 4
    while missing > 0:
        parts.append(_received(sock))
        missing -= len(parts[-1])
    if missing < 0:
        raise ValueError("more than one answer")
    return Response(int(head[0].split(" ")[1]), headers, b"".join(parts))


def _received(sock: Any) -> bytes:
    received: bytes = sock.recv(RECEIVED_AT_ONCE)
    if not received:
        raise OSError("the connection was closed")
    return received

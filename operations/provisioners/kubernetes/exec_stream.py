"""Programs in a running container, over a WebSocket: what they read, write, and how they end."""

import ast
import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from operations.provisioners.kubernetes.api import Api
from operations.provisioners.kubernetes.errors import ExecFailedError

STDIN, STDOUT, STDERR, STATUS = 0, 1, 2, 3
# The kubelet copies so much at once.
CHUNK_BYTES = 32 * 1024
MAX_STATUS_BYTES = 64 * 1024
MAX_ERROR_BYTES = 2000
# The command stays short, whatever the program is: it is in the address of the request.
BOOT = (
    "import sys; f = sys.stdin.buffer; exec(compile(f.read(int(f.readline())), 'takehome', 'exec'))"
)
COMMAND = ["python3", "-I", "-c", BOOT]


class ExecStream(io.RawIOBase):
    """What a program writes to stdout, as a file; bytes for its stdin are written to it.

    Never more than one frame is kept, so that a long output waits in the container.
    """

    def __init__(self, connection: Any) -> None:
        self._socket = connection.sock
        self._received = b""
        self._errors = b""
        self._status = b""
        self._is_over = False

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        from websocket import ABNF

        view = memoryview(data)
        with _socket_errors():
            for start in range(0, len(view), CHUNK_BYTES):
                frame = bytes([STDIN]) + view[start : start + CHUNK_BYTES]
                self._socket.send(frame, opcode=ABNF.OPCODE_BINARY)
        return len(view)

    def readinto(self, buffer: Any) -> int:
        while not self._received:
            if self._is_over:
                return 0
            self._receive()
        part = self._received[: len(buffer)]
        self._received = self._received[len(part) :]
        buffer[: len(part)] = part
        return len(part)

    def finish(self) -> None:
        """Read to the program's end.

        Raises:
            ExecFailedError: if it failed, or if its end is not known.
        """
        while not self._is_over:
            self._receive()
            self._received = b""
        if not self._status:
            raise ExecFailedError("The connection ended too early", is_cut_off=True)
        status = json.loads(self._status)
        if status.get("status") != "Success":
            last_line = self._errors.decode(errors="replace").strip().rpartition("\n")[2]
            raise ExecFailedError(last_line or str(status.get("message") or "no reason given"))

    def _receive(self) -> None:
        from websocket import ABNF

        with _socket_errors():
            opcode, frame = self._socket.recv_data_frame(True)
        if opcode == ABNF.OPCODE_CLOSE:
            self._is_over = True
        elif opcode in (ABNF.OPCODE_BINARY, ABNF.OPCODE_TEXT) and frame.data:
            channel, data = frame.data[0], frame.data[1:]
            if channel == STDOUT:
                self._received += data
            elif channel == STDERR:
                self._errors = (self._errors + data)[-MAX_ERROR_BYTES:]
            elif channel == STATUS:
                self._status = (self._status + data)[:MAX_STATUS_BYTES]


@contextmanager
def _socket_errors() -> Iterator[None]:
    """Turn what the WebSocket raises into an ExecFailedError."""
    from websocket import (
        WebSocketConnectionClosedException,
        WebSocketException,
        WebSocketTimeoutException,
    )

    try:
        yield
    except WebSocketTimeoutException as error:
        message = "The cluster didn't respond in time"
        raise ExecFailedError(message, is_cut_off=True) from error
    except (WebSocketConnectionClosedException, WebSocketException, OSError) as error:
        raise ExecFailedError("The connection was cut off", is_cut_off=True) from error


@contextmanager
def run_program(
    api: Api, pod: str, container: str, program: str, arguments: Sequence[Any]
) -> Iterator[ExecStream]:
    """Start a program of Python in a container; yield its stdout and stdin.

    Raises:
        ApiError: if it cannot be started.
        ExecFailedError: also while the stream is used.
    """
    connection = api.open_exec(pod, container, COMMAND)
    try:
        connection.sock.settimeout(api.timeout_seconds)
        stream = ExecStream(connection)
        source = program.encode()
        stream.write(b"%d\n%s%s\n" % (len(source), source, json.dumps(arguments).encode()))
        yield stream
    finally:
        # Without the closing handshake, for which a dead peer would be waited for.
        connection.sock.shutdown()


def bundle(main: ModuleType, call: str) -> str:
    """Return the source of a program that needs only Python: a module with those of this project
    that it imports, and a `call`.

    The call may name it as `module`, and the `arguments` that the program is run with.
    """
    modules = list(dict.fromkeys(_imported(main)))
    lines = ["import json, os, sys, types"]
    packages = {
        ".".join(module.__name__.split(".")[:depth])
        for module in modules
        for depth in range(1, module.__name__.count(".") + 1)
    }
    for package in sorted(packages):
        lines += [
            f"module = sys.modules[{package!r}] = types.ModuleType({package!r})",
            "module.__path__ = []",
        ]
    for module in modules:
        lines += [
            f"module = sys.modules[{module.__name__!r}] = types.ModuleType({module.__name__!r})",
            f"exec(compile({_source(module)!r}, {module.__name__!r}, 'exec'), module.__dict__)",
        ]
    lines += ["arguments = json.loads(sys.stdin.buffer.readline())", call]
    return "\n".join(lines)


def _imported(module: ModuleType) -> Iterator[ModuleType]:
    """Yield the modules of this project that a module imports, and itself at last."""
    for node in ast.parse(_source(module)).body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("operations."):
            yield from _imported(sys.modules[str(node.module)])
    yield module


def _source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text()

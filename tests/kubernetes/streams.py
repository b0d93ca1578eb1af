"""What the API server of the tests streams: the log of a container, and programs in one."""

import asyncio
import json
import queue
import subprocess
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from tornado import web, websocket
from tornado.iostream import StreamClosedError

from tests.kubernetes.store import StatusError

if TYPE_CHECKING:
    from tests.kubernetes.api_server import ApiServer

OUTPUT_BYTES = 32 * 1024


class LogHandler(web.RequestHandler):
    """What a container writes, until its end."""

    def initialize(self, server: "ApiServer") -> None:
        self.server = server

    async def get(self, namespace: str, name: str) -> None:
        try:
            self.server.authorize(self.request, "get", "pods/log")
            running = self.server.kubelet.container(name, self.get_query_argument("container"))
        except StatusError as error:
            self.set_status(error.status)
            self.finish(json.dumps(error.body))
            return
        await self.flush()
        with running.log.open("rb") as file:
            while True:
                is_over = running.is_over
                if chunk := file.read(OUTPUT_BYTES):
                    self.write(chunk)
                    try:
                        await self.flush()
                    except Exception:  # noqa: BLE001 - the reader has gone
                        return
                elif is_over:
                    return
                else:
                    await asyncio.sleep(0.01)


class ExecHandler(websocket.WebSocketHandler):
    """A program in a running container, with the channels of `v5.channel.k8s.io`."""

    def initialize(self, server: "ApiServer") -> None:
        self.server = server
        self.stdin: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.sent = 0

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return next((each for each in subprotocols if each.endswith(".channel.k8s.io")), None)

    async def prepare(self) -> None:
        name = self.path_args[1]
        try:
            self.server.authorize(self.request, "get", "pods/exec")
            if fault := self.server.next_fault("get", "pods/exec"):
                raise StatusError(fault.status, fault.reason, fault.message, dict(fault.headers))
            self.running = self.server.kubelet.container(name, self.get_query_argument("container"))
            if self.running.is_over:
                raise StatusError(500, "InternalError", "container not found")
        except StatusError as error:
            self.set_status(error.status)
            self.finish(json.dumps(error.body))

    def check_origin(self, origin: str) -> bool:
        return True

    def open(self, *args: str, **kwargs: str) -> None:
        self.loop = asyncio.get_running_loop()
        argv, options = self.running.command(self.get_query_arguments("command"))
        pipe = subprocess.PIPE
        program = subprocess.Popen(argv, **options, stdin=pipe, stdout=pipe, stderr=pipe)
        self.running.adopt(program)
        self.server.start_thread(self._run, program)

    async def on_message(self, message: Any) -> None:
        if message[0] == 0:
            self.stdin.put(message[1:])

    def on_close(self) -> None:
        self.stdin.put(None)

    # In threads of their own.

    def _run(self, program: "subprocess.Popen[bytes]") -> None:
        """Have the program live to its end, and tell that."""
        copies = [
            threading.Thread(target=self._copy, args=(1, program.stdout)),
            threading.Thread(target=self._copy, args=(2, program.stderr)),
            threading.Thread(target=self._feed, args=(program.stdin,)),
        ]
        for copy in copies:
            copy.start()
        for copy in copies[:2]:
            copy.join()
        status = status_of(program.wait())
        self._send(3, json.dumps(status).encode())
        self._on_loop(self._end)
        self.stdin.put(None)
        copies[2].join()

    def _feed(self, stream: IO[bytes]) -> None:
        with suppress(BrokenPipeError), stream:
            while (message := self.stdin.get()) is not None:
                stream.write(message)
                stream.flush()

    def _copy(self, channel: int, stream: IO[bytes]) -> None:
        with stream:
            while chunk := stream.read1(OUTPUT_BYTES):  # type: ignore[attr-defined]
                self._send(channel, chunk)

    def _send(self, channel: int, data: bytes) -> None:
        async def send() -> None:
            self.sent += len(data)
            limit = self.server.cut_exec_after
            if limit is not None and self.sent > limit:
                self.server.cut_exec_after = None
                # As a proxy or a machine that fails does it: without a word.
                self.ws_connection.stream.close()  # type: ignore[union-attr]
                return
            await self.write_message(bytes([channel]) + data, binary=True)

        self._on_loop(send)

    async def _end(self) -> None:
        self.close(1000)

    def _on_loop(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Wait until it is done: a slow reader is waited for, and one that has gone is not."""
        with suppress(websocket.WebSocketClosedError, StreamClosedError):
            asyncio.run_coroutine_threadsafe(act(), self.loop).result(60)


def status_of(code: int) -> dict[str, Any]:
    """What the API says at the end of a program."""
    if not code:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": f"command terminated with non-zero exit code: {code}",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }

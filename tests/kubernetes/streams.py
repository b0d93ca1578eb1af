"""What the API server of the tests streams: the log of a container, and programs in one."""

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tornado import web, websocket

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
        self.program: asyncio.subprocess.Process | None = None
        self.sent = 0

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return next((each for each in subprotocols if each.endswith(".channel.k8s.io")), None)

    async def prepare(self) -> None:
        name = self.path_args[1]
        try:
            self.server.authorize(self.request, "get", "pods/exec")
            if fault := self.server.next_fault("get", "pods/exec"):
                raise StatusError(fault.status, fault.reason, fault.message)
            self.running = self.server.kubelet.container(name, self.get_query_argument("container"))
            if self.running.is_over:
                raise StatusError(500, "InternalError", "container not found")
        except StatusError as error:
            self.set_status(error.status)
            self.finish(json.dumps(error.body))

    def check_origin(self, origin: str) -> bool:
        return True

    async def open(self, *args: str, **kwargs: str) -> None:
        argv, options = self.running.command(self.get_query_arguments("command"))
        self.program = await asyncio.create_subprocess_exec(
            *argv,
            **options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self.running.adopt(self.program.pid)
        self.task = asyncio.ensure_future(self._copy_all(self.program))

    async def on_message(self, message: Any) -> None:
        if self.program is not None and self.program.stdin is not None and message[0] == 0:
            try:
                self.program.stdin.write(message[1:])
                await self.program.stdin.drain()
            except (BrokenPipeError, ConnectionResetError):
                pass

    def on_close(self) -> None:
        if self.program is not None and self.program.stdin is not None:
            self.program.stdin.close()

    async def _copy_all(self, program: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.TaskGroup() as copies:
                copies.create_task(self._copy(1, program.stdout))
                copies.create_task(self._copy(2, program.stderr))
            status = status_of(await program.wait())
            await self.write_message(bytes([3]) + json.dumps(status).encode(), binary=True)
            self.close(1000)
        except* (websocket.WebSocketClosedError, asyncio.CancelledError):
            pass
        finally:
            with suppress(ProcessLookupError):
                program.kill()
            program._transport.close()  # type: ignore[attr-defined]

    async def _copy(self, channel: int, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        while chunk := await stream.read(OUTPUT_BYTES):
            self.sent += len(chunk)
            limit = self.server.cut_exec_after
            if limit is not None and self.sent > limit:
                self.server.cut_exec_after = None
                # As a proxy or a machine that fails does it: without a word.
                self.ws_connection.stream.close()  # type: ignore[union-attr]
                raise websocket.WebSocketClosedError
            await self.write_message(bytes([channel]) + chunk, binary=True)


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

"""Django's ASGI handler, with each request in one thread from first middleware to last."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import IO, Any, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

T = TypeVar("T")

# Requests that are answered at the same time; more wait for a thread. Each may wait for a store
# that hangs, and then /healthz needs a thread all the same.
THREADS = 200


class ThreadHandler(ASGIHandler):
    """Calls middleware and view as a WSGI server does, since none of them is asynchronous.

    Django's own handler makes a thread for each request, and goes to it and back to the event loop
    for its signals, between middleware that can and cannot be asynchronous, and to close the
    response: more processor time than many a page takes. Its thread waits for the loop meanwhile,
    and a server that stops its loop just then never exits.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop, context = asyncio.get_running_loop(), copy_context()
        answer = partial(context.run, self._answer, scope, body)
        response = await loop.run_in_executor(self._threads, answer)
        if response.streaming:
            await self._send_stream(response, receive, send)
        else:
            # What the client no longer waits for, the server drops.
            await self.send_response(response, send)

    def _answer(self, scope: Any, body: IO[bytes]) -> Any:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = type(self)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            # Its content is read in another thread, which has connections of its own.
            close_old_connections()
        else:
            # It has all of its content. What is closed are the request, its files and connections.
            response.close()
            body.close()
        return response

    async def _send_stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send it to its end, or until the client is gone."""
        async with ThreadSensitiveContext():
            sending = asyncio.create_task(self.send_response(response, send))
            listening = asyncio.create_task(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                listening.cancel()
                await asyncio.wait((sending, listening))
                if not listening.cancelled():
                    listening.exception()
                await sync_to_async(response.close)()
        with suppress(asyncio.CancelledError):
            sending.result()

"""Django's ASGI handler, with each request in one thread from first middleware to view."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ThreadHandler(ASGIHandler):
    """Calls middleware and view as a WSGI server does, since none of them is asynchronous.

    Django's own handler goes back to the event loop between middleware that can and middleware that
    cannot be asynchronous, and its thread waits for the loop meanwhile. A server that stops its
    loop just then never exits: that thread waits for ever.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return response

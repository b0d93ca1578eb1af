"""An API server of a cluster on loopback, for the real client: HTTP, WebSockets, and the rules of
RBAC. What becomes of Pods is the kubelet's (`kubelet`)."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tornado import httpserver, netutil, web

from tests.kubernetes.kubelet import Kubelet
from tests.kubernetes.store import GROUPS, StatusError, Store
from tests.kubernetes.streams import ExecHandler, LogHandler

TOKEN = "token-of-the-platform"
NAMESPACE = "takehome-workspaces"
VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}
# Newer API servers want `create` for an exec over a WebSocket, older ones `get`.
EXEC_VERBS = ("create", "get")

Right = tuple[str, str, str]
"""A group, a resource and a verb, as in a Role."""


@dataclass
class Fault:
    """How the next calls of a kind go wrong."""

    verb: str
    resource: str
    status: int = 500
    reason: str = "InternalError"
    message: str = "something went wrong"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    disconnects: bool = False


@dataclass
class ApiServer:
    store: Store
    kubelet: Kubelet
    rights: set[Right]
    """What the token may do."""
    port: int = 0
    used: set[Right] = field(default_factory=set)
    """What it did."""
    faults: list[Fault] = field(default_factory=list)
    cut_exec_after: int | None = None
    """The connection of an exec is lost after so many bytes of output."""
    calls: list[Right] = field(default_factory=list)

    threads: list[threading.Thread] = field(default_factory=list)
    """Those of programs that were started by exec."""

    def start_thread(self, act: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=act, args=arguments, name="kubernetes-exec")
        self.threads.append(thread)
        thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, request: Any, verb: str, resource: str) -> None:
        """Check the token and what it may do, and note it."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise StatusError(401, "Unauthorized", "Unauthorized")
        group = GROUPS.get(resource, "")
        for each in EXEC_VERBS if resource == "pods/exec" else (verb,):
            right = (group, resource, each)
            if right not in self.rights:
                raise StatusError(
                    403,
                    "Forbidden",
                    f'{resource} is forbidden: User "system:serviceaccount:takehome:platform" '
                    f'cannot {each} resource "{resource}" in API group "{group}" in the namespace '
                    f'"{self.store.namespace}"',
                )
            self.used.add(right)
        self.calls.append((group, resource, verb))

    def next_fault(self, verb: str, resource: str) -> Fault | None:
        for fault in self.faults:
            if (fault.verb, fault.resource) == (verb, resource) and fault.times:
                fault.times -= 1
                return fault
        return None


class ResourceHandler(web.RequestHandler):
    def initialize(self, server: ApiServer) -> None:
        self.server = server

    async def get(self, namespace: str, plural: str, name: str = "") -> None:
        verb = "get" if name else "list"
        store, query = self.server.store, self.get_query_argument
        if name:
            self._answer(verb, namespace, plural, lambda: store.read(plural, name))
            return
        selector, limit = query("labelSelector", ""), int(query("limit", "0"))
        token = query("continue", "")
        self._answer(
            verb, namespace, plural, lambda: store.list_page(plural, selector, limit, token)
        )

    async def post(self, namespace: str, plural: str, name: str = "") -> None:
        body = json.loads(self.request.body)
        self._answer("create", namespace, plural, lambda: self.server.store.create(plural, body))

    async def patch(self, namespace: str, plural: str, name: str) -> None:
        assert self.request.headers["Content-Type"] == "application/merge-patch+json"
        body = json.loads(self.request.body)
        self._answer(
            "patch", namespace, plural, lambda: self.server.store.patch(plural, name, body)
        )

    async def delete(self, namespace: str, plural: str, name: str) -> None:
        body = json.loads(self.request.body or b"{}")
        self._answer(
            "delete", namespace, plural, lambda: self.server.store.delete(plural, name, body)
        )

    def _answer(self, verb: str, namespace: str, plural: str, act: Any) -> None:
        try:
            self.server.authorize(self.request, verb, plural)
            if namespace != self.server.store.namespace:
                raise StatusError(404, "NotFound", f'namespaces "{namespace}" not found')
            if fault := self.server.next_fault(verb, plural):
                if fault.disconnects:
                    self.request.connection.stream.close()  # type: ignore[union-attr]
                    return
                raise StatusError(fault.status, fault.reason, fault.message, dict(fault.headers))
            answer = act()
        except StatusError as error:
            self.set_status(error.status)
            for key, value in error.headers.items():
                self.set_header(key, value)
            answer = error.body
        self.write(json.dumps(answer))
        self.set_header("Content-Type", "application/json")


@contextmanager
def serve(server: ApiServer) -> Iterator[ApiServer]:
    """Serve in a thread of its own."""
    base = r"/(?:api/v1|apis/[\w.]+/v1)/namespaces/([\w-]+)"
    arguments = {"server": server}
    application = web.Application(
        [
            (rf"{base}/pods/([\w-]+)/exec", ExecHandler, arguments),
            (rf"{base}/pods/([\w-]+)/log", LogHandler, arguments),
            (rf"{base}/(\w+)/([\w-]+)", ResourceHandler, arguments),
            (rf"{base}/(\w+)", ResourceHandler, arguments),
        ],
        log_function=lambda handler: None,
    )
    sockets = netutil.bind_sockets(0, "127.0.0.1")
    server.port = sockets[0].getsockname()[1]
    is_started, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        http = httpserver.HTTPServer(application, max_body_size=2**24)
        http.add_sockets(sockets)
        is_started.set()
        await stop.wait()
        http.stop()
        await http.close_all_connections()

    def run_loop() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run_loop, name="kubernetes-api")
    thread.start()
    is_started.wait(10)
    try:
        yield server
    finally:
        server.kubelet.stop()
        # Their programs ended with their containers.
        for each in server.threads:
            each.join(30)
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)

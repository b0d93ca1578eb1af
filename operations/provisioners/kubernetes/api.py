"""Calls of a cluster's API, by the official client: resources are plain dictionaries.

The client is imported with the first call: it takes a second, and not every platform has it.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from operations.provisioners.kubernetes.errors import ApiError, translate_errors
from operations.provisioners.kubernetes.options import KubernetesOptions

# For one response of the API, and while a health check waits for one.
TIMEOUT_SECONDS = 60.0
CHECK_TIMEOUT_SECONDS = 20.0
# How many resources one response of a list has.
PAGE_SIZE = 500
# A list that expires while it is read is begun again so often.
MAX_LIST_ATTEMPTS = 3
# So long a call waits if the API asks for that, in all.
MAX_THROTTLED_SECONDS = 20.0
MERGE_PATCH = "application/merge-patch+json"


class Kind(StrEnum):
    """A kind of resource, by the name that the client has for it."""

    POD = "pod"
    CLAIM = "persistent_volume_claim"
    SECRET = "secret"  # noqa: S105 - a name
    SERVICE = "service"
    POLICY = "network_policy"
    INGRESS = "ingress"
    ROUTE = "httproutes"


NETWORKING = {Kind.POLICY, Kind.INGRESS}
ROUTE_GROUP, ROUTE_VERSION = "gateway.networking.k8s.io", "v1"


@dataclass(frozen=True)
class Api:
    """The API of one namespace. Every call raises ApiError if the API refuses it, and the errors of
    `urllib3` if it does not respond."""

    client: Any
    """The official client's `ApiClient`."""
    namespace: str
    timeout_seconds: float

    def read(self, kind: Kind, name: str) -> Any:
        """Return the resource, or None if there is none of that name."""
        try:
            return self._call("read", kind, name)
        except ApiError as error:
            if error.is_missing:
                return None
            raise

    def create(self, kind: Kind, body: Any) -> Any:
        """Create the resource and return it.

        Raises:
            ApiError: also if it exists (`is_conflict`).
        """
        return self._call("create", kind, body=body)

    def patch(self, kind: Kind, name: str, body: Any) -> Any:
        """Change the fields of the resource that `body` has.

        Raises:
            ApiError: also if there is none of that name (`is_missing`).
        """
        return self._call("patch", kind, name, body=body)

    def delete(self, kind: Kind, name: str, *, uid: str = "", grace_seconds: int = -1) -> bool:
        """Have the resource removed, which may take a while; return False if there is none.

        Args:
            uid: only that very resource, and none that has the name by now.
            grace_seconds: how long a Pod's programs have; -1 for what the Pod says.
        """
        options: dict[str, Any] = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace_seconds >= 0:
            options["gracePeriodSeconds"] = grace_seconds
        try:
            self._call("delete", kind, name, body=options)
        except ApiError as error:
            # A conflict: it is another one by now, so the one that was meant is gone.
            if error.is_missing or (uid and error.status == 409):
                return False
            raise
        return True

    def list_all(self, kind: Kind, selector: str) -> Iterator[Any]:
        """Yield the resources with these labels, page by page.

        A list that is read too slowly expires: it is begun again, and what was yielded before is
        not yielded twice.
        """
        seen: set[str] = set()
        attempts = 0
        token = ""
        while True:
            try:
                page = self._call("list", kind, selector=selector, token=token)
            except ApiError as error:
                attempts += 1
                if error.status != 410 or attempts >= MAX_LIST_ATTEMPTS:
                    raise
                token = ""
                continue
            for resource in page["items"]:
                if resource["metadata"]["uid"] not in seen:
                    seen.add(resource["metadata"]["uid"])
                    yield resource
            token = page["metadata"].get("continue") or ""
            if not token:
                return

    def read_log(self, name: str, container: str) -> Any:
        """Return the response with what a container writes, as a stream until its end."""
        from kubernetes import client

        core = client.CoreV1Api(self.client)
        with _api_errors():
            return core.read_namespaced_pod_log(
                name,
                self.namespace,
                container=container,
                follow=True,
                _preload_content=False,
                _request_timeout=(self.timeout_seconds, None),
            )

    def open_exec(self, name: str, container: str, command: list[str]) -> Any:
        """Return the client's WebSocket to a program that is started in a running container."""
        import websocket
        from kubernetes import client
        from kubernetes.stream import stream

        # The client has no timeout of its own for that connection.
        websocket.setdefaulttimeout(self.timeout_seconds)
        core = client.CoreV1Api(self.client)

        def start() -> Any:
            return stream(
                core.connect_get_namespaced_pod_exec,
                name,
                self.namespace,
                container=container,
                command=command,
                stdin=True,
                stdout=True,
                stderr=True,
                tty=False,
                binary=True,
                _preload_content=False,
            )

        return self._retry(start)

    def _call(
        self,
        verb: str,
        kind: Kind,
        name: str = "",
        *,
        body: Any = None,
        selector: str = "",
        token: str = "",
    ) -> Any:
        arguments: dict[str, Any] = {
            "_preload_content": False,
            "_request_timeout": self.timeout_seconds,
        }
        if body is not None:
            arguments["body"] = body
        if verb == "list":
            arguments |= {"label_selector": selector, "limit": PAGE_SIZE}
            if token:
                arguments["_continue"] = token
        method, path = self._method(verb, kind)
        if name:
            path = (*path, name)
        # The client itself would send a strategic merge patch, which keeps what a list has more
        # and which no HTTPRoute takes.
        self.client.default_headers |= {"Content-Type": MERGE_PATCH} if verb == "patch" else {}
        try:
            response = self._retry(lambda: _positional(method, kind, path)(**arguments))
        finally:
            self.client.default_headers.pop("Content-Type", None)
        return json.loads(response.data)

    def _method(self, verb: str, kind: Kind) -> tuple[Callable[..., Any], tuple[str, ...]]:
        """Return the client's method, and its arguments before the name."""
        from kubernetes import client

        if kind is Kind.ROUTE:
            verb = {"read": "get"}.get(verb, verb)
            custom = client.CustomObjectsApi(self.client)
            method = getattr(custom, f"{verb}_namespaced_custom_object")
            return method, (ROUTE_GROUP, ROUTE_VERSION, self.namespace, kind)
        api = client.NetworkingV1Api if kind in NETWORKING else client.CoreV1Api
        return getattr(api(self.client), f"{verb}_namespaced_{kind}"), (self.namespace,)

    def _retry(self, call: Callable[[], Any]) -> Any:
        """Make the call, again if the API has too much to do and says when."""
        deadline = time.monotonic() + min(MAX_THROTTLED_SECONDS, self.timeout_seconds)
        while True:
            try:
                with _api_errors():
                    return call()
            except ApiError as error:
                wait = error.retry_after
                if wait is None or time.monotonic() + wait > deadline:
                    raise
                time.sleep(wait)


def _positional(method: Callable[..., Any], kind: Kind, path: tuple[str, ...]) -> Any:
    """The client takes the name before the namespace, but for custom resources."""
    arguments = path if kind is Kind.ROUTE else tuple(reversed(path))
    return lambda **more: method(*arguments, **more)


@contextmanager
def connect(
    options: KubernetesOptions, step: str, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> Iterator[Api]:
    """Yield the API for one call of the provisioner; the timeout is for each response.

    Raises:
        ProvisionError: of that step, if the API or the block fails.
    """
    with translate_errors(step, options):
        from kubernetes.client import ApiClient

        configuration = _configuration(options)
        # `_retry` has a bound, and the client's own would wait for as long as it is told.
        configuration.retries = False
        with ApiClient(configuration) as client:
            try:
                yield Api(client, options.namespace, timeout_seconds)
            finally:
                # The client itself leaves its connections open.
                client.rest_client.pool_manager.clear()


def _configuration(options: KubernetesOptions) -> Any:
    from kubernetes import client, config

    configuration = client.Configuration()
    try:
        if options.kubeconfig:
            config.load_kube_config(
                options.kubeconfig,
                context=options.context or None,
                client_configuration=configuration,
                persist_config=False,
            )
        else:
            config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException as error:
        raise ApiError(0, "configuration", str(error)) from error
    return configuration


@contextmanager
def _api_errors() -> Iterator[None]:
    """Turn the client's exception into ours."""
    from kubernetes.client.exceptions import ApiException

    try:
        yield
    except ApiException as error:
        raise ApiError.of(error) from error

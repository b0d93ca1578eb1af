"""TLS to an engine that proves who it is with a certificate of its own name, not its address's."""

from typing import Any

from docker import APIClient
from docker.tls import TLSConfig
from requests.adapters import HTTPAdapter

from operations.provisioners.docker.options import EngineTls

# A machine that is off the network does not even refuse.
CONNECT_TIMEOUT_SECONDS = 5.0


class _NamedAdapter(HTTPAdapter):
    """Wants this name in the server's certificate; docker-py can only ask for the address's."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, assert_hostname=self._name or None)

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        timeout = options.get("timeout")
        if isinstance(timeout, (int, float)):
            options["timeout"] = (min(timeout, CONNECT_TIMEOUT_SECONDS), timeout)
        return super().send(request, *args, **options)


class _NamedTls(TLSConfig):
    def __init__(self, tls: EngineTls) -> None:
        super().__init__(client_cert=(tls.certificate, tls.key), ca_cert=tls.ca, verify=True)
        self._name = tls.name

    def configure_client(self, client: APIClient) -> None:
        super().configure_client(client)
        # Otherwise REQUESTS_CA_BUNDLE counts more than our CA, and HTTPS_PROXY is asked.
        client.trust_env = False
        client.mount("https://", _NamedAdapter(self._name))


def tls_config(tls: EngineTls | None) -> TLSConfig | bool:
    """Return what `DockerClient` takes as `tls`.

    Raises:
        TLSParameterError: if a file is missing.
    """
    return _NamedTls(tls) if tls is not None else False

"""The steps of signing in through a provider."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.auth import oidc
from operations import rate_limit
from takehome_platform.local_stack.config import free_port
from tests.dashboard.auth.oidc.signing_in import SECRET, is_listening
from tests.services import wait_until


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rate limits and a client of this test alone."""
    counter = rate_limit.AttemptCounter("redis://127.0.0.1:1/0", "test")
    monkeypatch.setattr(rate_limit, "_counter", lambda: counter)
    oidc._client.cache_clear()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider, in a process of its own: its deprecation warnings would fail this one."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: is_listening(address), "the provider did not start")
            yield address
        finally:
            server.kill()


@pytest.fixture(autouse=True)
def provider(issuer: str, settings: Any) -> str:
    settings.OIDC_ISSUER = issuer
    settings.OIDC_CLIENT_ID = "takehome"
    settings.OIDC_CLIENT_SECRET = SECRET
    settings.OIDC_ALLOWED_DOMAINS = ["example.com"]
    return issuer

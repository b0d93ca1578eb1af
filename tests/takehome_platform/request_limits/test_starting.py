"""Every way of starting a web process has the limits, or does not start."""

from pathlib import Path
from typing import Any

import daphne.server
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from twisted.web import http

from takehome_platform.local_stack import config, services
from takehome_platform.request_limits import server

ROOT = Path(__file__).resolve().parents[3]
APPLICATION = "takehome_platform.asgi:application"


def test_another_twisted_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(self: Any, channel: Any, queued: object = None) -> None: ...

    monkeypatch.setattr(http.Request, "__init__", init)
    with pytest.raises(ImproperlyConfigured, match="Twisted cannot leave the parsing"):
        server.install()


def test_another_daphne_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(daphne.server, "HTTPFactory")
    with pytest.raises(ImproperlyConfigured, match="Daphne has no HTTPFactory"):
        server.install()


def test_each_command_loads_the_application_that_sets_the_limits(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    [web] = [spec for spec in services.platform_services(chosen, 1, 2) if spec.name == "web"]
    assert web.argv[-1] == APPLICATION
    for name in ("Dockerfile", "README.md"):
        assert APPLICATION in (ROOT / name).read_text()
    assert APPLICATION.replace(":", ".") == settings.ASGI_APPLICATION

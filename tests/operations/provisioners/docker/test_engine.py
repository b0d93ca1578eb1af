"""How long a call waits for a Docker engine, without one."""

from typing import Any

import pytest
from django.conf import settings
from docker.errors import DockerException

from operations.provisioners.base import ProvisionError, Workspace
from operations.provisioners.docker import engine, options
from operations.provisioners.docker.provisioner import DockerProvisioner


@pytest.fixture
def timeouts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The timeout of each connection to an engine; none succeeds."""
    seen: list[int] = []

    def refuse(*, timeout: int, **options: Any) -> None:
        seen.append(timeout)
        raise DockerException("refused")

    monkeypatch.setattr(engine, "DockerClient", refuse)
    monkeypatch.setattr(engine, "_check_socket", lambda host, timeout: seen.append(timeout))
    return seen


def test_check_of_a_workspace_waits_less_for_the_engine_than_other_calls(
    timeouts: list[int],
) -> None:
    provisioner = DockerProvisioner(options.read_options(settings, autosave_wait_seconds=0))
    with pytest.raises(ProvisionError):
        provisioner.is_ready(Workspace("takehome-1", None, None, {}))
    with pytest.raises(ProvisionError):
        provisioner.list_owned()
    assert timeouts == [engine.CHECK_TIMEOUT_SECONDS] * 2 + [engine.TIMEOUT_SECONDS] * 2

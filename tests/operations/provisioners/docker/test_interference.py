"""An operator uses, stops or removes a part of a workspace on a real engine: staff learns which."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import interference
from operations.provisioners.docker.naming import Names
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
    EDITOR,
    editor,
    other,
    sidecar,
    spec,
    start_workspace,
)

pytestmark = pytest.mark.docker


@pytest.fixture
def of_operator(client: DockerClient, options: DockerOptions) -> Any:
    """Return a function that starts a container that is not the platform's."""
    made: list[Container] = []

    def call(**fields: Any) -> Container:
        container = client.containers.run(
            EDITOR,
            ["3600"],
            entrypoint=["sleep"],
            detach=True,
            name=f"{options.platform}backup",
            **fields,
        )
        made.append(container)
        return container

    yield call
    for container in made:
        with suppress(NotFound):
            container.remove(force=True)


@pytest.mark.parametrize("disk_mb", [32, 0])
@pytest.mark.parametrize("kind", ["volume", "network"])
def test_container_of_an_operator_is_named_and_kept(
    options: DockerOptions,
    of_operator: Callable[..., Container],
    log: LogLines,
    kind: str,
    disk_mb: int,
) -> None:
    engine = other(options, disk_mb=disk_mb)
    workspace = start_workspace(engine)
    name = Names(options.platform, "takehome-1").editor
    uses = {"network": name} if kind == "network" else {"volumes": {name: {"bind": "/backup"}}}
    backup = of_operator(**uses)
    with pytest.raises(ProvisionError) as raised:
        engine.destroy(workspace, log)
    told = f"The container {backup.name}, not of the platform, still uses the workspace's {kind}"
    assert raised.value.sentence.startswith(f"{told} {name}: remove the container")
    backup.reload()
    assert backup.status == "running"
    backup.remove(force=True)
    engine.destroy(workspace, log)
    assert engine.list_owned() == []


def restart(engine: DockerProvisioner) -> list[str]:
    """Start it again as a health check does; return the log."""
    log = LogLines()
    engine.provision(spec(files=None), log)
    return log


def test_what_was_removed_by_hand_is_named(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    start_workspace(engine)
    names = Names(options.platform, "takehome-1")
    editor(client, options).remove(force=True)
    log = restart(engine)
    assert log[0].startswith(f"Missing on the engine: {names.editor}. ")
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    client.networks.get(names.editor).remove()
    log = restart(engine)
    assert log[0].startswith(
        f"Missing on the engine: {names.editor}, {names.sidecar}, the network {names.editor}. "
    )


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        ("kill", "The workspace had stopped (exit code 137, as after docker kill)."),
        ("pause", "The workspace was paused on the engine."),
    ],
)
def test_what_was_done_to_the_container_is_named(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    deed: str,
    sentence: str,
) -> None:
    start_workspace(engine)
    getattr(editor(client, options), deed)()
    assert sentence in restart(engine)


def test_restart_of_the_engine_is_named(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start_workspace(engine)
    editor(client, options).kill()
    later = datetime.now(UTC) + timedelta(seconds=1)
    monkeypatch.setattr(interference, "engine_started_at", lambda _: later)
    assert restart(engine)[0] == (
        "The workspace had stopped because the Docker engine was restarted."
    )


def test_engine_tells_when_it_was_started(client: DockerClient) -> None:
    started_at = interference.engine_started_at(client)
    assert started_at is not None
    assert started_at < datetime.now(UTC)

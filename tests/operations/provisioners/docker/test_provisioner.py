"""The life of a workspace on a real Docker engine: provision, adopt, export, destroy."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners import deadlines
from operations.provisioners.base import ProvisionError, Workspace
from operations.provisioners.docker.deadlines import deadline_file
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.naming import Names
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from tests.operations.provisioners.conftest import PASSWORD, LogLines
from tests.operations.provisioners.docker.conftest import (
    EDITOR,
    HELPER,
    WRITE,
    archive_contents,
    editor,
    other,
    run_inside,
    sidecar,
    spec,
    start_workspace,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker


def test_workspace_is_provisioned_adopted_exported_and_destroyed(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: LogLines,
) -> None:
    workspace = start_workspace(engine)
    container = editor(client, options)
    run_inside(container, WRITE, "/home/coder/project/answer.txt", "42")
    assert run_inside(
        container, "import os; print(os.getuid(), os.getcwd(), os.environ['HOME'])"
    ) == ("1000 /home/coder/project /home/coder")
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    assert engine.list_owned()[0].since <= datetime.now(UTC)

    again = DockerProvisioner(options).provision(spec(files=None), log)
    assert again.url == workspace.url and again.state == workspace.state
    assert log == ["The workspace is already running."]
    assert editor(client, options).id == container.id

    path = tmp_path / "files.tar.gz"
    engine.export(workspace, path, [])
    assert archive_contents(path) == {
        "takehome-1/README.md": b"# The task\n",
        "takehome-1/answer.txt": b"42",
        "takehome-1/src": "folder",
        "takehome-1/src/main.py": b"print(1)\n",
    }
    assert not engine.is_ready(workspace)

    mounted = [*container.attrs["Mounts"], *sidecar(client, options).attrs["Mounts"]]
    volumes = {mount["Name"] for mount in mounted if mount["Type"] == "volume"}
    engine.destroy(Workspace("takehome-1", None, None, {}), log)
    engine.destroy(workspace, log)
    left = volumes & {volume.name for volume in client.volumes.list()}
    assert left == {Names(options.platform, "disks").editor}
    assert log[1:] == [
        "Stopped the workspace and removed its containers, disk and network.",
        "The workspace was already gone.",
    ]
    assert engine.list_owned() == []
    with pytest.raises(ProvisionError, match=r"^start: The workspace is gone\.$"):
        engine.provision(spec(files=None), log)
    with pytest.raises(ProvisionError, match="is missing, so no files could be saved"):
        engine.export(workspace, path, [])


def test_concurrent_workers_create_one_workspace(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: LogLines
) -> None:
    def start(_: int) -> str:
        try:
            engine.provision(spec(), LogLines())
        except ProvisionError as error:
            return error.sentence
        return "made"

    with ThreadPoolExecutor(3) as workers:
        results = list(workers.map(start, range(3)))
    start_workspace(engine)
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"], results
    # A helper may still be ending.
    containers = client.containers.list(
        all=True, filters={"label": "takehome.workspace=takehome-1"}, ignore_removed=True
    )
    assert len([each for each in containers if each.name and options.platform in each.name]) == 2
    assert run_inside(editor(client, options), "print(open('README.md').read())") == "# The task"


def test_password_is_not_visible_anywhere(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: LogLines
) -> None:
    workspace = engine.provision(spec(), log)
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.", 60)
    editor_container, sidecar_container = editor(client, options), sidecar(client, options)
    everything = json.dumps(
        [
            editor_container.attrs,
            sidecar_container.attrs,
            client.volumes.get(workspace.state["container"]).attrs,
        ]
    )
    visible = everything + "".join(log) + str(editor_container.logs() + sidecar_container.logs())
    visible += run_inside(
        editor_container, "import os; print(open('/proc/self/environ').read(), os.environ)"
    )
    command_lines = (
        "import glob; print([open(f).read() for f in glob.glob('/proc/[0-9]*/cmdline')])"
    )
    visible += run_inside(editor_container, command_lines)
    visible += json.dumps([engine.list_owned()[0].state, workspace.state])
    assert PASSWORD not in visible
    config = "/home/coder/.config/code-server/config.yaml"
    read = f"import os; print(oct(os.stat('{config}').st_mode)[-3:], open('{config}').read())"
    assert run_inside(editor_container, read).startswith("600 ")
    assert PASSWORD not in run_inside(editor_container, read)


def test_another_password_restarts_the_workspace(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: LogLines
) -> None:
    start_workspace(engine)
    before = editor(client, options).id
    start_workspace(engine, spec(password="another-one"))
    assert editor(client, options).id != before


def test_workspace_ends_by_itself_at_its_extended_deadline(
    options: DockerOptions, client: DockerClient, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(deadlines, "GRACE_PERIOD", timedelta(seconds=8))
    engine = DockerProvisioner(options)
    ends_at = datetime.now(UTC)
    workspace = start_workspace(engine, spec(ends_at=ends_at))
    longer = datetime.now(UTC) + timedelta(seconds=15)
    engine.set_deadline(workspace, longer)

    def ended() -> bool:
        return editor(client, options).status == "exited"

    wait_until(ended, "It did not end by itself.", 60)
    assert datetime.now(UTC) >= longer
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    assert "takehome-1/README.md" in archive_contents(tmp_path / "x.tar.gz")


def test_deadline_is_written_again_after_another_worker_changed_it(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, monkeypatch: Any
) -> None:
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    workspace = start_workspace(engine, spec(ends_at=ends_at))
    container = sidecar(client, options)
    right = tar_stream.read_file(container, "/takehome/ends-at")
    tar_stream.put_entries(container, "/", [deadline_file(ends_at - timedelta(minutes=40))])
    engine.set_deadline(workspace, ends_at)
    assert tar_stream.read_file(container, "/takehome/ends-at") != right
    monkeypatch.setattr(deadlines, "CACHE_SECONDS", 0.0)
    engine.set_deadline(workspace, ends_at)
    assert tar_stream.read_file(container, "/takehome/ends-at") == right


def test_start_problem_is_one_sentence(
    options: DockerOptions, client: DockerClient, log: LogLines
) -> None:
    def refused(id_: str = "takehome-1", **changes: Any) -> str:
        with pytest.raises(ProvisionError) as caught:
            other(options, **changes).provision(spec(id_), log)
        return str(caught.value)

    assert refused(image="takehome-test-none:1").startswith(
        "start: The image takehome-test-none:1 isn't on the engine and can't be pulled: "
    )
    assert refused(helper_image="takehome-test-none:1") == (
        "start: The engine has no image takehome-test-none:1. Build it (docker compose build), or "
        "name another in DOCKER_HELPER_IMAGE."
    )
    assert refused(image=HELPER) == (
        f"start: The image {HELPER} must set its user as a number other than 0 (USER 1000). "
        "Workspaces don't run as root."
    )
    assert refused("takehome-2", network="takehome-test-none") == (
        "start: The engine has no network takehome-test-none. Create it, or leave DOCKER_NETWORK "
        "empty."
    )
    assert refused(disk_mb=10**9) == (
        "start: The engine has no room for another disk of 976562 GB. Free some space there, "
        "or lower DOCKER_DISK_GB."
    )
    assert refused(host="unix:///nowhere/docker.sock") == (
        "start: No Docker engine responds at unix:///nowhere/docker.sock. Start it, or set "
        "DOCKER_HOST."
    )
    name = Names(options.platform, "takehome-1").editor
    stranger = client.containers.create(HELPER, name=name)
    try:
        assert refused() == (
            f"start: The engine has a container named {name} that is not this platform's. Remove "
            "or rename it."
        )
    finally:
        stranger.remove()


def test_port_in_use_is_skipped(
    options: DockerOptions, client: DockerClient, log: LogLines
) -> None:
    first = start_workspace(other(options, ports=range(29_990, 29_991)))
    assert first.url == "http://127.0.0.1:29990/"
    with pytest.raises(ProvisionError, match="No port of DOCKER_PORTS could be published"):
        other(options, ports=range(29_990, 29_991)).provision(spec("takehome-2"), log)
    both = other(options, ports=range(29_990, 29_992))
    assert start_workspace(both, spec("takehome-2")).url == "http://127.0.0.1:29991/"


def test_image_with_a_sign_in_of_its_own_says_so(
    options: DockerOptions, client: DockerClient
) -> None:
    dockerfile = f"FROM {EDITOR}\nLABEL takehome.sign-in=page\n"
    image, lines = client.images.build(fileobj=io.BytesIO(dockerfile.encode()), rm=True)
    list(lines)
    try:
        engine = other(options, image=str(image.id))
        assert "sign_in" not in engine.provision(spec(), lambda line: None).state
        assert "sign_in" not in engine.provision(spec(files=None), lambda line: None).state
        engine.destroy(Workspace("takehome-1", None, None, {}), lambda line: None)
    finally:
        client.images.remove(str(image.id), force=True)

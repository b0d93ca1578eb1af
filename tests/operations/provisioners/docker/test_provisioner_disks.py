"""The disk of a workspace on a real Docker engine: kept, missing, in use, attached again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError, Workspace, WorkspaceGoneError
from operations.provisioners.docker.files import tar_stream
from operations.provisioners.docker.files.volume import WorkspaceVolume
from operations.provisioners.docker.naming import Names
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.docker.workspace_container import EditorContainer
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.docker.conftest import (
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

pytestmark = pytest.mark.docker


def cut_off_starts(engine: DockerProvisioner, monkeypatch: Any, log: LogLines) -> Iterator[None]:
    """Cut a start off before the disk exists, before it has files, and before it has the marker."""

    def cut_off(*_: object) -> None:
        raise SystemExit

    for target, name in (
        (WorkspaceVolume, "_run_helper"),
        (EditorContainer, "put_files"),
        (tar_stream, "put_entries"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, cut_off)
            with pytest.raises(SystemExit):
                engine.provision(spec(files={"old": b"x"}), log)
        yield


def test_workspace_without_containers_is_exported_and_restarts_on_its_disk(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = start_workspace(engine)
    run_inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    assert archive_contents(tmp_path / "x.tar.gz")["takehome-1/answer.txt"] == b"42"
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    start_workspace(engine, spec(files={"README.md": b"another"}))
    assert run_inside(editor(client, options), "print(open('README.md').read())") == "# The task"


def test_start_cut_off_before_the_files_are_complete_starts_over(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    monkeypatch: Any,
    log: LogLines,
) -> None:
    for _ in cut_off_starts(engine, monkeypatch, log):
        assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    start_workspace(engine)
    assert run_inside(editor(client, options), "import os; print(sorted(os.listdir()))") == (
        "['README.md', 'src']"
    )


def test_what_a_cut_off_start_has_left_is_not_exported(
    engine: DockerProvisioner, tmp_path: Path, monkeypatch: Any, log: LogLines
) -> None:
    workspace = Workspace("takehome-1", None, None, {})
    for _ in cut_off_starts(engine, monkeypatch, log):
        with pytest.raises(WorkspaceGoneError):
            engine.export(workspace, tmp_path / "x.tar.gz", [])


def test_disk_in_use_is_not_removed(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: LogLines
) -> None:
    start_workspace(engine)
    disk = WorkspaceVolume(client, options, Names(options.platform, "takehome-1"))
    volume = disk.find()
    assert volume is not None
    with pytest.raises(ProvisionError, match="disk is still in use"):
        disk.remove(volume)
    run_inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    editor(client, options).kill()
    start_workspace(engine, spec(files=None))
    assert run_inside(editor(client, options), "print(open('answer.txt').read())") == "42"


def test_workspace_is_restored_if_only_its_disk_is_left(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = start_workspace(engine)
    run_inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    client.networks.get(Names(options.platform, "takehome-1").editor).remove()
    engine.export(workspace, tmp_path / "x.tar.gz", [])
    assert archive_contents(tmp_path / "x.tar.gz")["takehome-1/answer.txt"] == b"42"
    start_workspace(engine, spec(files=None))
    assert run_inside(editor(client, options), "print(open('answer.txt').read())") == "42"


def test_missing_disk_is_an_error_and_not_an_empty_workspace(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: LogLines,
) -> None:
    workspace = start_workspace(engine)
    for container in (editor(client, options), sidecar(client, options)):
        container.remove(force=True)
    WorkspaceVolume(client, options, Names(options.platform, "takehome-1"))._run_helper(
        "remove", workspace.state["container"]
    )
    with pytest.raises(ProvisionError, match=r"^start: The workspace's disk is gone"):
        engine.provision(spec(files=None), log)
    with pytest.raises(ProvisionError, match=r"^save: The workspace's disk is gone"):
        engine.export(workspace, tmp_path / "x.tar.gz", [])


def test_without_disk_limit_the_volume_is_plain(options: DockerOptions, tmp_path: Path) -> None:
    plain = other(options, disk_mb=0)
    workspace = start_workspace(plain)
    plain.export(workspace, tmp_path / "x.tar.gz", [])
    assert "takehome-1/README.md" in archive_contents(tmp_path / "x.tar.gz")
    plain.destroy(workspace, LogLines())
    assert plain.list_owned() == []


def test_disk_is_attached_again_after_the_machine_restarted(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    workspace = start_workspace(engine)
    run_inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), sidecar(client, options)):
        container.kill()
    names = Names(options.platform, "takehome-1")
    detach = "losetup --detach $(losetup --noheadings --output NAME --associated /disks/$0.img)"
    client.containers.run(
        HELPER,
        ["sh", "-c", detach, names.editor],
        cap_add=["SYS_ADMIN"],
        device_cgroup_rules=["b 7:* rmw"],
        security_opt=["apparmor=unconfined"],
        volumes={
            Names(options.platform, "disks").editor: {"bind": "/disks"},
            "/dev": {"bind": "/dev"},
        },
        remove=True,
    )
    assert start_workspace(engine, spec(files=None)).url == workspace.url
    assert run_inside(editor(client, options), "print(open('answer.txt').read())") == "42"

"""Workspaces on a real Docker engine: there, adopted, saved, gone."""

import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from operations.provisioners.base import ProvisionError, Workspace
from operations.provisioners.docker import deadlines, tar_stream
from operations.provisioners.docker.naming import Names
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.docker.provisioner import DockerProvisioner
from operations.provisioners.docker.volume import WorkspaceVolume
from operations.provisioners.docker.workspace_container import EditorContainer
from tests.operations.provisioners.conftest import PASSWORD, Lines
from tests.operations.provisioners.docker.conftest import (
    HELPER,
    editor,
    gate,
    inside,
    other,
    spec,
    up,
)
from tests.services import wait_until

pytestmark = pytest.mark.docker

WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"


def saved(path: Path) -> dict[str, bytes | str]:
    """name -> content of a file, target of a link, 'folder'."""
    found: dict[str, bytes | str] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = None if member.isdir() or member.issym() else archive.extractfile(member)
            if content is not None:
                found[member.name] = content.read()
            else:
                found[member.name] = f"-> {member.linkname}" if member.issym() else "folder"
    return found


def test_a_workspace_has_its_files_is_adopted_saved_and_removed(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: Lines,
) -> None:
    workspace = up(engine)
    container = editor(client, options)
    inside(container, WRITE, "/home/coder/project/answer.txt", "42")
    assert inside(container, "import os; print(os.getuid(), os.getcwd(), os.environ['HOME'])") == (
        "1000 /home/coder/project /home/coder"
    )
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    assert engine.list_owned()[0].since <= datetime.now(UTC)

    again = DockerProvisioner(options).provision(spec(files=None), log)
    assert again.url == workspace.url and again.state == workspace.state
    assert log == ["The workspace runs already."]
    assert editor(client, options).id == container.id

    path = tmp_path / "files.tar.gz"
    engine.export(workspace, path)
    assert saved(path) == {
        "takehome-1/README.md": b"# The task\n",
        "takehome-1/answer.txt": b"42",
        "takehome-1/src": "folder",
        "takehome-1/src/main.py": b"print(1)\n",
    }
    assert not engine.is_ready(workspace)

    mounted = [*container.attrs["Mounts"], *gate(client, options).attrs["Mounts"]]
    volumes = {mount["Name"] for mount in mounted if mount["Type"] == "volume"}
    engine.destroy(Workspace("takehome-1", None, None, {}), log)
    engine.destroy(workspace, log)
    left = volumes & {volume.name for volume in client.volumes.list()}
    assert left == {Names(options.platform, "disks").editor}
    assert log[1:] == [
        "Stopped the workspace and removed its containers, disk and network.",
        "The workspace was gone already.",
    ]
    assert engine.list_owned() == []
    with pytest.raises(ProvisionError, match=r"^start: The workspace is not there any more\.$"):
        engine.provision(spec(files=None), log)
    with pytest.raises(ProvisionError, match="not there, so no files could be saved"):
        engine.export(workspace, path)


@pytest.mark.parametrize("ended", ["kill", "stop"])
def test_what_stopped_is_saved_and_starts_again_at_its_port_with_its_files(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: Lines,
    ended: str,
) -> None:
    workspace = up(engine)
    inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    getattr(editor(client, options), ended)()
    assert not engine.is_ready(workspace)
    engine.export(workspace, tmp_path / "x.tar.gz")
    assert saved(tmp_path / "x.tar.gz")["takehome-1/answer.txt"] == b"42"
    again = up(engine, spec(files=None))
    assert again.url == workspace.url
    assert inside(editor(client, options), "print(open('answer.txt').read())") == "42"


def test_a_workspace_whose_containers_are_gone_is_saved_and_made_again_on_its_disk(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = up(engine)
    inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), gate(client, options)):
        container.remove(force=True)
    engine.export(workspace, tmp_path / "x.tar.gz")
    assert saved(tmp_path / "x.tar.gz")["takehome-1/answer.txt"] == b"42"
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    up(engine, spec(files={"README.md": b"another"}))
    assert inside(editor(client, options), "print(open('README.md').read())") == "# The task"


def test_a_start_that_was_cut_off_before_the_files_were_whole_begins_anew(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    monkeypatch: Any,
    log: Lines,
) -> None:
    def cut_off(*_: object) -> None:
        raise SystemExit

    # Before there is a disk, before there are files on it, before there is a mark of them.
    for target, name in (
        (WorkspaceVolume, "_run_helper"),
        (EditorContainer, "put_files"),
        (tar_stream, "put_entries"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, cut_off)
            with pytest.raises(SystemExit):
                engine.provision(spec(files={"old": b"x"}), log)
        assert [owned.id for owned in engine.list_owned()] == ["takehome-1"]
    up(engine)
    assert inside(editor(client, options), "import os; print(sorted(os.listdir()))") == (
        "['README.md', 'src']"
    )


def test_several_workers_at_once_make_one_workspace(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: Lines
) -> None:
    def start(_: int) -> str:
        try:
            engine.provision(spec(), Lines())
        except ProvisionError as error:
            return error.sentence
        return "made"

    with ThreadPoolExecutor(3) as workers:
        told = list(workers.map(start, range(3)))
    up(engine)
    assert [owned.id for owned in engine.list_owned()] == ["takehome-1"], told
    # A helper may be on its way out.
    found = client.containers.list(
        all=True, filters={"label": "takehome.workspace=takehome-1"}, ignore_removed=True
    )
    assert len([one for one in found if one.name and options.platform in one.name]) == 2
    assert inside(editor(client, options), "print(open('README.md').read())") == "# The task"


def test_a_disk_that_is_in_use_is_not_removed(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: Lines
) -> None:
    up(engine)
    disk = WorkspaceVolume(client, options, Names(options.platform, "takehome-1"))
    volume = disk.find()
    assert volume is not None
    with pytest.raises(ProvisionError, match="still uses the workspace's disk"):
        disk.remove(volume)
    inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    editor(client, options).kill()
    up(engine, spec(files=None))
    assert inside(editor(client, options), "print(open('answer.txt').read())") == "42"


def test_files_are_there_where_all_but_the_disk_was_pruned(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    workspace = up(engine)
    inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), gate(client, options)):
        container.remove(force=True)
    client.networks.get(Names(options.platform, "takehome-1").editor).remove()
    engine.export(workspace, tmp_path / "x.tar.gz")
    assert saved(tmp_path / "x.tar.gz")["takehome-1/answer.txt"] == b"42"
    up(engine, spec(files=None))
    assert inside(editor(client, options), "print(open('answer.txt').read())") == "42"


def test_a_disk_that_is_gone_is_told_and_never_an_empty_workspace(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    log: Lines,
) -> None:
    workspace = up(engine)
    for container in (editor(client, options), gate(client, options)):
        container.remove(force=True)
    WorkspaceVolume(client, options, Names(options.platform, "takehome-1"))._run_helper(
        "remove", workspace.state["container"]
    )
    with pytest.raises(ProvisionError, match=r"^start: The workspace's disk is not there any more"):
        engine.provision(spec(files=None), log)
    with pytest.raises(ProvisionError, match=r"^save: The workspace's disk is not there any more"):
        engine.export(workspace, tmp_path / "x.tar.gz")


def test_saved_files_come_back_in_a_workspace_that_is_opened_again(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    first = up(engine)
    inside(editor(client, options), WRITE, "/home/coder/project/解答.py", "print(2)")
    path = tmp_path / "x.tar.gz"
    engine.export(first, path)
    up(engine, spec("takehome-1-2", files={}, archive=path))
    found = inside(
        editor(client, options, "takehome-1-2"),
        "import os; print(open('解答.py').read(), os.stat('解答.py').st_uid)",
    )
    assert found == "print(2) 1000"


def test_everything_that_runs_ends_before_the_files_are_saved(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    daemon = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.close(0), os.close(1), os.close(2)
        while True:
            open('/home/coder/project/clock', 'w').write(str(time.time()))
            time.sleep(0.01)
"""
    workspace = up(engine)
    editor(client, options).exec_run(["python3", "-c", daemon], detach=True)
    seen = "import os; print(os.path.exists('clock'))"
    wait_until(lambda: inside(editor(client, options), seen) == "True", "The daemon writes nothing")
    engine.export(workspace, tmp_path / "1.tar.gz")
    engine.export(workspace, tmp_path / "2.tar.gz")
    assert saved(tmp_path / "1.tar.gz") == saved(tmp_path / "2.tar.gz")
    # The gate's own: init, its shell and what that waits for.
    assert len(gate(client, options).top()["Processes"]) <= 3


def test_the_archive_leaves_out_what_tools_can_make_and_keeps_what_has_two_names(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, tmp_path: Path
) -> None:
    make = """
import os
os.makedirs('node_modules/x'), os.makedirs('a/.venv/y')
open('node_modules/x/main.js', 'w').write('content')
os.link('node_modules/x/main.js', 'kept.js')
open('z1', 'w').write('twice'); os.link('z1', 'z2')
os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe')
open(b'\\xff.txt', 'w').write('odd')
os.makedirs('deep/' * 40 + 'end'); os.chmod('z1', 0)
"""
    workspace = up(engine)
    inside(editor(client, options), make)
    engine.export(workspace, tmp_path / "x.tar.gz")
    found = saved(tmp_path / "x.tar.gz")
    deep = {name for name in found if "deep" in name}
    assert len(deep) == 41
    assert {name.removeprefix("takehome-1/"): found[name] for name in found.keys() - deep} == {
        "README.md": b"# The task\n",
        "a": "folder",
        "kept.js": b"content",
        "link": "-> /etc/passwd",
        "src": "folder",
        "src/main.py": b"print(1)\n",
        "z1": b"twice",
        "z2": b"twice",
        "\udcff.txt": b"odd",
    }


def test_files_that_are_too_large_or_away_are_told(
    engine: DockerProvisioner,
    client: DockerClient,
    options: DockerOptions,
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    workspace = up(engine)
    grow = "import os; [open(f'f{n}', 'wb').write(os.urandom(2**20)) for n in range(4)]"
    inside(editor(client, options), grow)
    monkeypatch.setattr("operations.provisioners.archive_writer.MAX_PACKED_BYTES", 2**20)
    with pytest.raises(ProvisionError, match=r"^save: 4\.0 MB of files do not fit into an archive"):
        engine.export(workspace, tmp_path / "x.tar.gz")
    up(engine)
    inside(editor(client, options), "import os; os.rename('../project', '../moved')")
    with pytest.raises(ProvisionError, match="its files' folder is not there any more"):
        engine.export(workspace, tmp_path / "x.tar.gz")
    assert list(tmp_path.glob("*.gz")) == [] and list(tmp_path.glob(".*")) == []


def test_the_password_shows_nowhere(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: Lines
) -> None:
    workspace = engine.provision(spec(), log)
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.", 60)
    held, door = editor(client, options), gate(client, options)
    everything = json.dumps(
        [held.attrs, door.attrs, client.volumes.get(workspace.state["container"]).attrs]
    )
    told = everything + "".join(log) + str(held.logs() + door.logs())
    told += inside(held, "import os; print(open('/proc/self/environ').read(), os.environ)")
    look = "import glob; print([open(f).read() for f in glob.glob('/proc/[0-9]*/cmdline')])"
    told += inside(held, look)
    told += json.dumps([engine.list_owned()[0].state, workspace.state])
    assert PASSWORD not in told
    config = "/home/coder/.config/code-server/config.yaml"
    read = f"import os; print(oct(os.stat('{config}').st_mode)[-3:], open('{config}').read())"
    assert inside(held, read).startswith("600 ")
    assert PASSWORD not in inside(held, read)


def test_another_password_is_that_of_the_next_start(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, log: Lines
) -> None:
    up(engine)
    before = editor(client, options).id
    up(engine, spec(password="another-one"))
    assert editor(client, options).id != before


def test_a_workspace_ends_by_itself_and_later_when_its_time_is_longer(
    options: DockerOptions, client: DockerClient, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(deadlines, "GRACE_PERIOD", timedelta(seconds=8))
    engine = DockerProvisioner(options)
    ends_at = datetime.now(UTC)
    workspace = up(engine, spec(ends_at=ends_at))
    longer = datetime.now(UTC) + timedelta(seconds=15)
    assert engine.is_ready(
        Workspace(workspace.id, workspace.url, None, workspace.state, ends_at=longer)
    )

    def ended() -> bool:
        return editor(client, options).status == "exited"

    wait_until(ended, "It did not end by itself.", 60)
    assert datetime.now(UTC) >= longer
    engine.export(workspace, tmp_path / "x.tar.gz")
    assert "takehome-1/README.md" in saved(tmp_path / "x.tar.gz")


def test_the_clock_is_set_again_where_another_worker_has_set_it_otherwise(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions, monkeypatch: Any
) -> None:
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    workspace = replace(up(engine, spec(ends_at=ends_at)), ends_at=ends_at)
    found = gate(client, options)
    right = tar_stream.read_file(found, "/takehome/ends-at")
    tar_stream.put_entries(found, "/", [deadlines.deadline_file(ends_at - timedelta(minutes=40))])
    monkeypatch.setattr(deadlines, "CACHE_SECONDS", 0.0)
    assert engine.is_ready(workspace)
    assert tar_stream.read_file(found, "/takehome/ends-at") == right


def test_what_stands_in_the_way_is_told_in_one_sentence(
    options: DockerOptions, client: DockerClient, log: Lines
) -> None:
    def refused(id_: str = "takehome-1", **changes: Any) -> str:
        with pytest.raises(ProvisionError) as caught:
            other(options, **changes).provision(spec(id_), log)
        return str(caught.value)

    assert refused(image="takehome-test-none:1").startswith(
        "start: The image takehome-test-none:1 is not on the engine and cannot be pulled: "
    )
    assert refused(helper_image="takehome-test-none:1") == (
        "start: The engine has no image takehome-test-none:1: build it (docker compose build), or "
        "name another in DOCKER_HELPER_IMAGE."
    )
    assert refused(image=HELPER) == (
        f"start: The image {HELPER} must name its user as a number that is not 0 (USER 1000): "
        "workspaces do not run as root."
    )
    assert refused("takehome-2", network="takehome-test-none") == (
        "start: The engine has no network takehome-test-none: make it, or leave DOCKER_NETWORK "
        "empty."
    )
    assert refused(disk_mb=10**9) == (
        "start: The engine's machine has no room for another disk of 976562 GB: make room there, "
        "or set DOCKER_DISK_GB to less."
    )
    assert refused(host="unix:///nowhere/docker.sock") == (
        "start: No Docker engine answers at unix:///nowhere/docker.sock: start it, or set "
        "DOCKER_HOST."
    )
    name = Names(options.platform, "takehome-1").editor
    stranger = client.containers.create(HELPER, name=name)
    try:
        assert refused() == (
            f"start: The engine has a container named {name} that is not this platform's: remove "
            "or rename it."
        )
    finally:
        stranger.remove()


def test_a_port_that_somebody_has_is_not_taken(
    options: DockerOptions, client: DockerClient, log: Lines
) -> None:
    first = up(other(options, ports=range(29_990, 29_991)))
    assert first.url == "http://127.0.0.1:29990/"
    with pytest.raises(ProvisionError, match="No port of DOCKER_PORTS could be published"):
        other(options, ports=range(29_990, 29_991)).provision(spec("takehome-2"), log)
    both = other(options, ports=range(29_990, 29_992))
    assert up(both, spec("takehome-2")).url == "http://127.0.0.1:29991/"


def test_no_disk_limit_is_a_plain_volume(options: DockerOptions, tmp_path: Path) -> None:
    plain = other(options, disk_mb=0)
    workspace = up(plain)
    plain.export(workspace, tmp_path / "x.tar.gz")
    assert "takehome-1/README.md" in saved(tmp_path / "x.tar.gz")
    plain.destroy(workspace, Lines())
    assert plain.list_owned() == []


def test_what_another_platform_runs_is_not_ours(
    options: DockerOptions, client: DockerClient
) -> None:
    platform = f"{options.platform}x-"
    stranger = other(options, platform=platform)
    workspace = up(stranger)
    assert DockerProvisioner(options).list_owned() == []
    stranger.destroy(workspace, Lines())
    client.volumes.get(Names(platform, "disks").editor).remove()


def test_a_disk_is_there_again_after_the_machine_was_started_anew(
    engine: DockerProvisioner, client: DockerClient, options: DockerOptions
) -> None:
    workspace = up(engine)
    inside(editor(client, options), WRITE, "/home/coder/project/answer.txt", "42")
    for container in (editor(client, options), gate(client, options)):
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
    assert up(engine, spec(files=None)).url == workspace.url
    assert inside(editor(client, options), "print(open('answer.txt').read())") == "42"

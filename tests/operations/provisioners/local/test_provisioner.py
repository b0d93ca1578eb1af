"""The local provisioner with a stub editor that starts immediately."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.provisioners.base import ProvisionError, Readiness, Workspace
from operations.provisioners.local import ports
from operations.provisioners.local.provisioner import LocalProvisioner, stop_all_workspaces
from operations.provisioners.local.workdirs import lock_workdir
from tests.operations.provisioners.conftest import (
    PASSWORD,
    LogLines,
    is_alive,
    make_spec,
    provision,
)
from tests.services import wait_until

GONE = Workspace(id="takehome-1", url=None, password=None, state={})


def starts(root: Path, workspace_name: str = "takehome-1") -> list[int]:
    """Return the process ids of all editors that were started, in order."""
    return [int(line) for line in (root / workspace_name / "started").read_text().split()]


def test_provision_returns_the_address(plain: LocalProvisioner, log: LogLines) -> None:
    workspace = provision(plain, log, "takehome-1")
    port = workspace.state["port"]
    assert workspace == Workspace(
        id="takehome-1",
        url=f"http://takehome-1.localhost:{port}/",
        password=PASSWORD,
        state={
            "editor": "code-server",
            "port": port,
            "pid": workspace.state["pid"],
            "sign_in": "form",
        },
    )
    assert log == [
        "Copied 2 starting files into the workspace.",
        "Started VS Code.",
    ]


def test_concurrent_provisions_create_one_workspace(
    plain: LocalProvisioner, root: Path, plain_editor: str, log: LogLines
) -> None:
    made: list[Workspace] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        made.append(LocalProvisioner(root, code_server=plain_editor).provision(make_spec(), log))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert {workspace.state["pid"] for workspace in made} == {made[0].state["pid"]}
    wait_until(lambda: plain.is_ready(made[0]), "The editor does not answer.")
    assert starts(root) == [made[0].state["pid"]]


def test_each_workspace_gets_its_own_port(
    plain: LocalProvisioner, log: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = random.choice(range(20_000, 29_980))
    monkeypatch.setattr(ports, "PORTS", range(first, first + 12))
    ids = [f"takehome-{number}" for number in range(8)]
    # Do not wait: the next workspace must not take the port of an editor that is still starting.
    chosen = {plain.provision(make_spec(id_), log).state["port"] for id_ in ids}
    assert len(chosen) == 8


def test_provision_restarts_a_dead_editor_on_its_port_and_files(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    first = provision(plain, log, "takehome-1")
    (root / "takehome-1/files/src/main.py").write_text("mine\n")
    (root / "takehome-1/files/README.md").unlink()
    os.kill(first.state["pid"], signal.SIGKILL)
    wait_until(lambda: not is_alive(first.state["pid"]), "It was killed.")
    assert plain.is_ready(first) == Readiness(False, "The editor's program isn't running.")
    again = provision(plain, log, "takehome-1")
    assert again.url == first.url
    assert starts(root) == [first.state["pid"], again.state["pid"]]
    assert (root / "takehome-1/files/src/main.py").read_text() == "mine\n"
    assert not (root / "takehome-1/files/README.md").exists()


def test_provision_uses_another_port_if_the_previous_one_is_taken(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    first = provision(plain, log, "takehome-1")
    stop_all_workspaces(root)
    with socket.create_server(("127.0.0.1", first.state["port"])):
        again = provision(plain, log, "takehome-1")
        assert again.state["port"] != first.state["port"]


def test_provision_with_another_password_restarts_the_editor(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    first = provision(plain, log, "takehome-1")
    other = plain.provision(replace(make_spec(), password="another-one-99"), log)
    assert other.url == first.url
    assert not is_alive(first.state["pid"])
    wait_until(lambda: plain.is_ready(other), "The editor does not answer.")
    assert starts(root) == [first.state["pid"], other.state["pid"]]


def test_provision_ends_an_editor_without_recorded_state(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    first = provision(plain, log, "takehome-1")
    state = root / "takehome-1/state.json"
    kept = json.loads(state.read_text())
    state.write_text(json.dumps({key: kept[key] for key in ("since", "port")}))
    again = provision(plain, log, "takehome-1")
    assert not is_alive(first.state["pid"])
    assert again.url == first.url


def test_provision_writes_starting_files_again_after_a_cut_off_start(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    half = root / "takehome-1/files.part"
    half.mkdir(parents=True)
    (half / "leftover.txt").write_text("half")
    plain.provision(make_spec(), log)
    files = root / "takehome-1/files"
    assert sorted(path.relative_to(files).as_posix() for path in files.rglob("*")) == [
        "README.md",
        "src",
        "src/main.py",
    ]


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", "src/../../x", ""])
def test_provision_refuses_a_path_outside_the_folder(
    plain: LocalProvisioner, root: Path, log: LogLines, path: str
) -> None:
    spec = replace(make_spec(), files={"README.md": b"", path: b"bad"})
    with pytest.raises(ProvisionError) as caught:
        plain.provision(spec, log)
    assert caught.value.step == "start"
    assert not (root / "takehome-1/files").exists()
    assert [path.name for path in root.rglob("outside.txt")] == []


@pytest.mark.parametrize("bad", ["", "..", "../x", "a/b", "a b", "x" * 65, ".locks", "a\n"])
def test_invalid_workspace_name_is_refused(
    plain: LocalProvisioner, log: LogLines, tmp_path: Path, bad: str
) -> None:
    workspace = replace(GONE, id=bad)
    for call in (
        lambda: plain.provision(replace(make_spec(), workspace_name=bad), log),
        lambda: plain.is_ready(workspace),
        lambda: plain.export(workspace, tmp_path / "x.tar.gz", []),
        lambda: plain.destroy(workspace, log),
    ):
        with pytest.raises(ProvisionError, match="isn't a valid workspace name"):
            call()


def test_provision_without_editor_program_is_an_error(root: Path, log: LogLines) -> None:
    provisioner = LocalProvisioner(root, code_server="/does/not/exist")
    with pytest.raises(ProvisionError) as caught:
        provisioner.provision(make_spec(), log)
    assert caught.value.step == "start"
    assert (root / "takehome-1/editor.log").read_text() == (
        "/does/not/exist: No such file or directory\n"
    )


def test_is_ready_raises_if_the_check_fails(plain: LocalProvisioner, root: Path) -> None:
    (root / "takehome-1").mkdir(parents=True)
    (root / "takehome-1/state.json").write_text("{")
    with pytest.raises(ProvisionError):
        plain.is_ready(GONE)


def test_workspace_outlives_the_process_that_started_it(
    plain: LocalProvisioner, root: Path, plain_editor: str, log: LogLines
) -> None:
    script = (
        "import sys, os, signal; from pathlib import Path;"
        "from tests.operations.provisioners.conftest import make_spec;"
        "from operations.provisioners.local.provisioner import LocalProvisioner;"
        "LocalProvisioner(Path(sys.argv[1]), code_server=sys.argv[2])"
        ".provision(make_spec(), print); os.killpg(0, signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(root), plain_editor],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    adopted = provision(plain, log, "takehome-1")
    assert log == ["The workspace is already running."]
    assert starts(root) == [adopted.state["pid"]]


def test_list_owned_lists_every_workspace_with_a_folder(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    assert plain.list_owned() == []
    before = datetime.now(UTC).replace(microsecond=0)
    first = provision(plain, log, "takehome-1")
    (root / "takehome-2").mkdir()
    (root / "not a workspace").mkdir()
    owned = plain.list_owned()
    assert [(one.id, one.state) for one in owned] == [
        ("takehome-1", first.state),
        ("takehome-2", {}),
    ]
    assert all(before <= one.since <= datetime.now(UTC) for one in owned)


def test_list_owned_includes_workspaces_with_a_broken_state(
    root: Path, plain: LocalProvisioner
) -> None:
    for name in ("takehome-1", "takehome-2"):
        (root / name).mkdir(parents=True)
    for broken in ("{", "[]"):
        (root / "takehome-1/state.json").write_text(broken)
        assert [one.id for one in plain.list_owned()] == ["takehome-1", "takehome-2"]


def test_list_owned_raises_if_the_folder_cannot_be_read(tmp_path: Path) -> None:
    root = tmp_path / "file"
    root.write_text("not a folder")
    with pytest.raises(ProvisionError):
        LocalProvisioner(root).list_owned()


def test_export_waits_for_the_last_autosave(
    root: Path, plain_editor: str, log: LogLines, tmp_path: Path
) -> None:
    workspace = provision(LocalProvisioner(root, code_server=plain_editor), log, "takehome-1")
    late = root / workspace.id / "files" / "late.txt"
    autosave = threading.Timer(0.2, late.write_text, ["typed a moment ago"])
    autosave.start()
    archive = tmp_path / "x.tar.gz"
    waiting = LocalProvisioner(root, code_server=plain_editor, autosave_wait_seconds=1.5)
    waiting.export(workspace, archive, [])
    with tarfile.open(archive) as saved:
        assert f"{workspace.id}/late.txt" in saved.getnames()


def test_a_look_reads_what_changed_while_the_workspace_is_locked_by_another(
    plain: LocalProvisioner, root: Path, log: LogLines
) -> None:
    workspace = provision(plain, log, "takehome-1")
    with plain.look_at_files(workspace, 0, []) as look:
        files = {file.path: file.content for file in look.files}
    assert files == {b"README.md": b"# The task\n", b"src/main.py": b"print(1)\n"}
    with lock_workdir(root, "takehome-1"), plain.look_at_files(workspace, 0, []) as look:
        assert len(list(look.files)) == 2

"""Provisioning: once, again, at the same time, and with which files."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.conformance.adapter import EXECUTABLE, STARTING_FILES, Adapter
from tests.conformance.rule import rule
from tests.memory_engine import write_archive
from tests.operations.provisioners.conftest import PASSWORD


@rule(of="provision")
def returns_the_workspace(adapter: Adapter) -> None:
    """`provision` returns the workspace that was asked for, with a web address and its password."""
    spec = adapter.spec()
    workspace = adapter.provision(spec)
    assert workspace.id == spec.workspace_name
    assert workspace.url is not None and workspace.url.startswith(("http://", "https://"))
    assert workspace.password == PASSWORD


@rule()
def again_is_the_same(adapter: Adapter) -> None:
    """Provisioning again, also by another worker, returns the same address and notes."""
    spec = adapter.spec()
    first = adapter.start(spec)
    again = adapter.provision(spec)
    restart = adapter.provision(replace(spec, files=None), by=adapter.another_worker())
    assert again.url == restart.url == first.url
    assert again.state == restart.state == first.state
    assert adapter.is_ready(first).ready


@rule()
def concurrent_starts_make_one(adapter: Adapter) -> None:
    """Workers that provision one workspace at the same time make one, or get an error."""
    spec = adapter.spec()

    def start(number: int) -> str | None:
        engine = adapter.another_worker() if number else adapter.provisioner
        try:
            return engine.provision(spec, adapter.log).url
        except Exception as error:  # noqa: BLE001 - the rule on errors says which may be
            adapter.errors.append(error)
            return None

    with ThreadPoolExecutor(4) as workers:
        urls = set(workers.map(start, range(4))) - {None}
    workspace = adapter.start(spec)
    assert urls <= {workspace.url}
    assert workspace.id in adapter.list_owned()
    assert adapter.read(workspace.id).files == STARTING_FILES


@rule()
def has_starting_files(adapter: Adapter) -> None:
    """A new workspace has the starting files, with their execute bits."""
    found = adapter.read(adapter.start().id)
    assert found.files == STARTING_FILES
    assert found.executable == EXECUTABLE


@rule()
def restart_needs_the_workspace(adapter: Adapter) -> None:
    """Without files to start from, a workspace that is not there is `WorkspaceGoneError`, and none
    is made."""
    spec = adapter.spec(files=None)
    with adapter.is_gone():
        adapter.provision(spec)
    assert spec.workspace_name not in adapter.list_owned()


@rule()
def archive_comes_first(adapter: Adapter) -> None:
    """A new workspace with an archive has the archive's files, with their execute bits, instead of
    the starting files. The candidate can go on with them."""
    first = adapter.start()
    mine = {"解答.txt": b"42", "src/main.py": b"print(2)\n"}
    adapter.write(first.id, mine)
    exported = adapter.export(first)
    second = adapter.start(adapter.spec(archive=exported.path, files={"other.txt": b"x"}))
    restored = adapter.read(second.id)
    assert restored.files == STARTING_FILES | mine
    assert restored.executable == exported.executable
    later = {"解答.txt": b"43"}
    adapter.write(second.id, later)
    assert adapter.read(second.id).files == STARTING_FILES | mine | later


@rule()
def existing_files_win(adapter: Adapter) -> None:
    """Files that are in the workspace stay, whatever files or archive it is provisioned with."""
    archive = adapter.new_path()
    write_archive(archive, "another", {"README.md": b"saved\n"})
    spec = adapter.spec()
    name = adapter.start(spec).id
    mine = {"README.md": b"mine\n", "answer.txt": b"42"}
    adapter.write(name, mine)
    expected = STARTING_FILES | mine
    for again in (replace(spec, files={"README.md": b"another\n"}), replace(spec, archive=archive)):
        adapter.start(again)
        assert adapter.read(name).files == expected
    adapter.stop(name)
    adapter.start(replace(spec, files=None, archive=archive))
    assert adapter.read(name).files == expected

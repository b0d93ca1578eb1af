"""Destroying a workspace, and nothing else."""

from dataclasses import replace

from operations.provisioners.base import Workspace
from tests.conformance.adapter import STARTING_FILES, Adapter, CannotCallError
from tests.conformance.rule import rule


@rule(of="destroy")
def removes_all_of_it(adapter: Adapter) -> None:
    """A destroyed workspace is not ready, not listed, and gone for restarts and exports. Destroying
    it again succeeds, and a new one of its name has nothing of it."""
    spec = adapter.spec()
    workspace = adapter.start(spec)
    adapter.write(workspace.id, {"answer.txt": b"42"})
    # Only its id is used: a worker may know no more.
    adapter.destroy(Workspace(workspace.id, None, None, {}))
    adapter.destroy(workspace)
    assert not adapter.is_ready(workspace).ready
    assert workspace.id not in adapter.list_owned()
    with adapter.is_gone():
        adapter.export(workspace)
    with adapter.is_gone():
        adapter.provision(replace(spec, files=None))
    adapter.start(spec)
    assert adapter.read(workspace.id).files == STARTING_FILES


@rule(of="destroy")
def unknown_is_destroyed(adapter: Adapter) -> None:
    """Destroying a workspace that never was succeeds."""
    adapter.destroy(Workspace(adapter.new_name(), None, None, {}))


@rule()
def long_names_are_apart(adapter: Adapter) -> None:
    """Names may have 63 characters. Two that differ at the end are two workspaces, and destroying
    one leaves the other."""
    # A test that is opened again has its id and a number, and a label of DNS 63 characters at most.
    stem = adapter.new_name().ljust(60, "x")
    names = [f"{stem}-12", f"{stem}-13", f"{stem}-1"]
    assert max(map(len, names)) == 63
    try:
        workspaces = [adapter.start(adapter.spec(workspace_name=name)) for name in names]
    except CannotCallError as error:
        adapter.start()  # if that works, it is because of the name
        raise AssertionError("Long names do not work.") from error
    assert len({workspace.url for workspace in workspaces}) == len(names)
    for name in names:
        adapter.write(name, {"mine.txt": name.encode()})
    adapter.destroy(workspaces[2])
    assert adapter.list_owned().keys() & {*names} == {*names[:2]}
    for name in names[:2]:
        assert adapter.read(name).files["mine.txt"] == name.encode()

"""Exports: what they have, what they leave out, and that they are final."""

from dataclasses import replace

from operations.provisioners.base import NotSavedReason, Workspace
from tests.conformance.adapter import STARTING_FILES, Adapter
from tests.conformance.rule import rule
from tests.services import wait_until

MADE_BY_TOOLS = {"node_modules/a/x.js": b"12345678", "web/.cache/made": b"x"}


@rule(of="export")
def has_the_files(adapter: Adapter) -> None:
    """`export` writes a tar.gz with the candidate's files and their execute bits, below one folder
    that has the workspace's name."""
    workspace = adapter.start()
    mine = {"answer.txt": b"42", "deep/er/解答.py": b"print(2)\n"}
    adapter.write(workspace.id, mine)
    executable = adapter.read(workspace.id).executable
    exported = adapter.export(workspace)
    assert exported.files == STARTING_FILES | mine
    assert exported.executable == executable
    assert exported.tops == {workspace.id}
    assert exported.not_saved == []


@rule()
def unknown_is_gone(adapter: Adapter) -> None:
    """Exporting a workspace that is not there is `WorkspaceGoneError`, and writes no archive."""
    path = adapter.new_path()
    with adapter.is_gone():
        adapter.export(Workspace(adapter.new_name(), None, None, {}), path=path)
    assert not path.exists()


@rule()
def leaves_out_what_tools_make(adapter: Adapter) -> None:
    """An export leaves out folders that tools can make again, and says which."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"package.json": b"{}", **MADE_BY_TOOLS})
    exported = adapter.export(workspace)
    assert exported.files == STARTING_FILES | {"package.json": b"{}"}
    assert {(each.path, each.reason, each.files, each.bytes) for each in exported.not_saved} == {
        ("node_modules", NotSavedReason.REGENERABLE, 1, 8),
        ("web/.cache", NotSavedReason.REGENERABLE, 1, 1),
    }


@rule()
def saves_folders_of_the_challenge(adapter: Adapter) -> None:
    """An export has every folder in which the challenge has a file, whatever its name."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"package.json": b"{}", **MADE_BY_TOOLS})
    exported = adapter.export(workspace, ["web/.cache/given", "node_modules/a/x.js"])
    assert exported.files == STARTING_FILES | {"package.json": b"{}", **MADE_BY_TOOLS}
    assert exported.not_saved == []


@rule()
def is_final(adapter: Adapter) -> None:
    """An export ends the candidate's programs: the workspace is not ready, and a second export has
    what the first had."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"package.json": b"{}", "answer.txt": b"42", **MADE_BY_TOOLS})
    adapter.start_program(workspace.id)
    wait_until(lambda: "clock" in adapter.read(workspace.id).files, "The program writes nothing.")
    first = adapter.export(workspace)
    assert not adapter.is_ready(workspace).ready
    assert "clock" in first.files
    assert replace(adapter.export(workspace), path=first.path) == first


@rule(of="export")
def stopped_is_exported(adapter: Adapter) -> None:
    """A workspace that does not run is exported, too."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"answer.txt": b"42"})
    adapter.stop(workspace.id)
    assert adapter.export(workspace).files == STARTING_FILES | {"answer.txt": b"42"}

"""Looks at the files of a workspace while its candidate works."""

from operations.provisioners.base import Workspace
from tests.conformance.adapter import STARTING_FILES, Adapter
from tests.conformance.rule import rule

AN_HOUR_NS = 3600 * 10**9


@rule(of="look_at_files")
def sees_all_files(adapter: Adapter) -> None:
    """`look_at_files` lists the files with their execute bits; with `since_ns` 0 it has all
    contents. The workspace goes on."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"answer.txt": b"42"})
    _, seen = adapter.look(workspace)
    contents = {path: file.content for path, file in seen.items()}
    assert contents == STARTING_FILES | {"answer.txt": b"42"}
    executable = {path for path, file in seen.items() if file.mode & 0o100}
    assert executable == adapter.read(workspace.id).executable
    assert adapter.is_ready(workspace).ready


@rule()
def reads_what_changed(adapter: Adapter) -> None:
    """A look has the content of what changed since an earlier look began, and lists the rest."""
    workspace = adapter.start()
    started_ns, _ = adapter.look(workspace)
    adapter.write(workspace.id, {"answer.txt": b"42", "README.md": b"mine\n"})
    _, seen = adapter.look(workspace, started_ns)
    assert (seen["answer.txt"].content, seen["README.md"].content) == (b"42", b"mine\n")
    later_ns, seen = adapter.look(workspace, started_ns + AN_HOUR_NS)
    assert {file.content for file in seen.values()} == {None}
    assert seen.keys() == {*STARTING_FILES, "answer.txt"}
    assert later_ns > started_ns


@rule()
def known_files_come_last(adapter: Adapter) -> None:
    """Files of which the stamp is known come after all others."""
    workspace = adapter.start()
    _, seen = adapter.look(workspace)
    known = [(file.inode, file.ctime_ns, file.size) for file in seen.values()]
    # In the order of their names and of their creation one of them would be in between.
    adapter.write(workspace.id, {"A.txt": b"new", "src/new.py": b"new", "z.txt": b"new"})
    _, again = adapter.look(workspace, 0, known=known)
    paths = list(again)
    assert set(paths[:3]) == {"A.txt", "src/new.py", "z.txt"}
    assert set(paths[3:]) == set(STARTING_FILES)


@rule()
def sees_what_is_saved(adapter: Adapter) -> None:
    """A look leaves out the same folders as an export."""
    workspace = adapter.start()
    adapter.write(workspace.id, {"web/.cache/made": b"x", "docs/.cache/made": b"x"})
    _, seen = adapter.look(workspace, 0, ["docs/.cache/given"])
    assert seen.keys() == {*STARTING_FILES, "docs/.cache/made"}


@rule()
def nothing_to_look_at_is_an_error(adapter: Adapter) -> None:
    """A look at a workspace that is not there is an error, and not an empty list."""
    gone = Workspace(adapter.new_name(), None, None, {})
    adapter.error_of(lambda: adapter.look(gone))

"""Whether a workspace answers."""

import re
from dataclasses import replace
from datetime import timedelta

from operations.provisioners.base import Readiness, Workspace
from tests.conformance.adapter import STARTING_FILES, Adapter
from tests.conformance.rule import rule


@rule(of="is_ready")
def becomes_ready(adapter: Adapter) -> None:
    """A workspace that was provisioned becomes ready."""
    workspace = adapter.provision(adapter.spec())
    assert adapter.becomes_ready(workspace)
    assert adapter.is_ready(workspace) == Readiness(True)


@rule(of="is_ready")
def unknown_is_not_ready(adapter: Adapter) -> None:
    """A workspace that never was is not ready; that is no error."""
    assert not adapter.is_ready(Workspace(adapter.new_name(), None, None, {})).ready


@rule()
def restart_keeps_address_and_files(adapter: Adapter) -> None:
    """A workspace that was stopped is not ready. Provisioned again it is, at the same address, with
    its files."""
    spec = adapter.spec()
    first = adapter.start(spec)
    adapter.write(first.id, {"answer.txt": b"42"})
    adapter.stop(first.id)
    assert not adapter.is_ready(first).ready
    again = adapter.start(replace(spec, files=None))
    assert again.url == first.url
    assert adapter.read(first.id).files == STARTING_FILES | {"answer.txt": b"42"}


@rule()
def may_take_a_while(adapter: Adapter) -> None:
    """A workspace has a minute at least to become ready, and 15 minutes at most."""
    assert timedelta(minutes=1) <= adapter.provisioner.patience <= timedelta(minutes=15)


@rule()
def says_why_not(adapter: Adapter) -> None:
    """Why a workspace is not ready is a sentence, or nothing if no more is known."""
    workspace = adapter.start()
    assert adapter.is_ready(workspace).reason is None
    adapter.stop(workspace.id)
    for stopped in (workspace, replace(workspace, id=adapter.new_name())):
        reason = adapter.is_ready(stopped).reason
        assert reason is None or re.fullmatch(r"[A-Z].* .*\.", reason), reason


@rule()
def nobody_is_refused_at_first(adapter: Adapter) -> None:
    """The editor of a new workspace lets its candidate sign in."""
    workspace = adapter.start()
    assert adapter.provisioner.is_sign_in_refused(workspace) is False

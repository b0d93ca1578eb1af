"""The list of the platform's workspaces on an engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from operations.provisioners.base import Workspace
from tests.conformance.adapter import Adapter
from tests.conformance.rule import rule


@rule(of="list_owned")
def lists_each_once(adapter: Adapter) -> None:
    """`list_owned` has every workspace of the platform once, whoever made it."""
    names = [adapter.start().id]
    spec = adapter.spec()
    adapter.provision(spec, by=adapter.another_worker())
    names.append(spec.workspace_name)
    listed = [each.id for each in adapter.list_all()]
    assert [listed.count(name) for name in names] == [1, 1]


@rule()
def lists_since_its_creation(adapter: Adapter) -> None:
    """It has workspaces that are stopped, too. `since` has a zone, is between the creation and now,
    and survives a restart."""
    spec = adapter.spec()
    # Engines may keep whole seconds.
    before = datetime.now(UTC).replace(microsecond=0)
    workspace = adapter.start(spec)
    since = adapter.list_owned()[workspace.id].since
    assert since.utcoffset() == timedelta(0)
    assert before <= since <= datetime.now(UTC)
    adapter.stop(workspace.id)
    assert adapter.list_owned()[workspace.id].since == since
    adapter.start(replace(spec, files=None))
    assert adapter.list_owned()[workspace.id].since == since


@rule()
def lists_no_other_platform(adapter: Adapter) -> None:
    """It has none of another platform's workspaces, and destroying one here leaves that one."""
    other = adapter.another_platform()
    spec = adapter.spec()
    strange = other.provision(spec)
    try:
        assert strange.id not in adapter.list_owned()
        adapter.destroy(Workspace(strange.id, None, None, {}))
        assert strange.id in other.list_owned()
    finally:
        other.remove_all()
